/** "Run until ...": what the menu offers, what was typed into it, and how it is said. */
import type { Protocol, Until } from "../model/types.ts";
import { moment, parseTime } from "./format.ts";
import { text } from "./text.ts";

/** A choice of the menu: `leader`, `commit`, `violation`, `message:RequestVote`, `indication:Elected` or `time`. */
export function parseUntil(choice: string, typedTime: string, now: number): Until | string {
  const [kind = "", type = ""] = choice.split(":");
  if (kind === "leader" || kind === "commit" || kind === "violation") return { kind };
  if ((kind === "message" || kind === "indication") && type) return { kind, type };
  if (kind === "time") return parseUntilTime(typedTime, now);
  return text("Choose what to wait for.");
}

function parseUntilTime(typedTime: string, now: number): Until | string {
  const relative = typedTime.trim().startsWith("+");
  const time = parseTime(relative ? typedTime.trim().slice(1) : typedTime);
  if (time === null) return text("Write a time such as 12.5 s, 300 ms or +2 s.");
  const target = relative ? now + time : time;
  if (target <= now) return text("{time} has passed already; it is {now} now.", { time: moment(target), now: moment(now) });
  return { kind: "time", time: target };
}

export function untilLabel(until: Until, protocol: Protocol): string {
  switch (until.kind) {
    case "leader":
      return text("until the next leader");
    case "commit":
      return text("until the next commit");
    case "violation":
      return text("until a property breaks");
    case "time":
      return text("until {time}", { time: moment(until.time ?? 0) });
    case "message": {
      const spec = protocol.messages[until.type ?? ""];
      return text("until the next {message}", { message: spec ? text(spec.label) : (until.type ?? "") });
    }
    case "indication":
      return text("until the next {message}", { message: until.type ?? "" });
  }
}
