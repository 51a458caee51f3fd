/** What a challenge allows: the kinds of acts, what they are called, and why one of them can't be given now. Pure. */
import type { ChallengeState } from "../model/told.ts";
import { text } from "./text.ts";

/** The kind of command that an act of the table gives, where it has another name. */
const KINDS: Record<string, string> = {
  pause_host: "pause",
  resume_host: "resume",
  cut_off: "partition",
  clock: "set_clock",
  request_any: "request",
  cut: "set_link",
  mend: "set_link",
  both: "set_link",
  link: "set_link",
  dials: "set_link",
  hold: "hold_link",
  release: "release_link",
  release_all: "release_link",
  rules: "switch_rule",
};

/** Why an act may not be given in this challenge, at the moment shown; null = it may. */
export function limitRefusal(challenge: ChallengeState, id: string): string | null {
  const kind = KINDS[id] ?? id;
  const allowed = challenge.acts.find((act) => act.kind === kind);
  if (!allowed) return text("This challenge does not allow that.");
  const { most, spent } = allowed;
  if (most !== null && spent >= most) return text("All acts of this kind are spent ({most}): go back, or try again.", { most });
  if (challenge.outcome === "lost") return text("This attempt is lost: go back before that, or try again.");
  return null;
}

export function kindLabel(kind: string): string {
  switch (kind) {
    case "crash": return text("crash a node");
    case "restart": return text("restart it");
    case "restart_lost": return text("restart it with an empty disk");
    case "pause": return text("pause a node");
    case "resume": return text("resume it");
    case "set_link": return text("cut or change a link");
    case "hold_link": return text("hold a link");
    case "release_link": return text("release it");
    case "partition": return text("partition");
    case "heal": return text("heal");
    case "drop": return text("drop a message");
    case "duplicate": return text("duplicate a message");
    case "delay": return text("delay a message");
    case "deliver_now": return text("deliver a message now");
    case "set_clock": return text("change a clock");
    case "fire_timer": return text("fire a timer");
    case "request": return text("client request");
    default: return kind;
  }
}
