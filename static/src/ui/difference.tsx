/** Where two branches part, in words: what was done, what differs first, and how much of what follows is equal. */
import { timeLabel } from "../model/channels.ts";
import type { Apart } from "../model/branches.ts";
import type { HostId, Protocol, RunEvent } from "../model/types.ts";
import type { App } from "./app.ts";
import { linesOf } from "./sentences.ts";
import { said, text } from "./text.ts";

/** As the server tells it; sequence numbers are each branch's own, times are µs. */
export interface Difference {
  shared: number;
  /** The commands right after that, in each. */
  acts: [number[], number[]];
  /** null: beside the acts nothing differs so far. */
  how: "outcome" | "moment" | "alone" | null;
  seqs: [number | null, number | null];
  time: number | null;
  until: number;
  /** Messages sent in each since, and those that are the same in both. */
  sent: [number, number];
  equal: number;
  /** The last event of each by `until`. */
  ends: [number, number];
  /** What is not the same in both then. */
  apart: Apart[];
}

/** The events that a difference speaks of, of each branch. */
export type Spoken = [Map<number, RunEvent>, Map<number, RunEvent>];

/** Asks for the events of a difference; `ask` sends a frame for one of the branches. */
export async function eventsOf(difference: Difference, ask: ((frame: Record<string, unknown>) => ReturnType<App["quietly"]>)[]): Promise<Spoken> {
  const found: Spoken = [new Map(), new Map()];
  for (const side of [0, 1] as const) {
    const wanted = [...difference.acts[side], difference.seqs[side]].filter((seq) => seq !== null);
    for (const seq of wanted) {
      const reply = await ask[side]!({ type: "events", from: seq, to: seq });
      const [event] = (reply.events as RunEvent[] | undefined) ?? [];
      if (event) found[side].set(seq, event);
    }
  }
  return found;
}

export const sentenceOf = (event: RunEvent | undefined, protocol: Protocol): string => (event ? (linesOf(event, protocol)[0]?.text ?? "") : "");

/** Of the hosts that are not the same, and of what is not the same in one of them. */
const HOSTS_MAX = 5;
const FIELDS_MAX = 4;

/** "n3 differs in: term, log": by the names that the inspector gives the fields. */
export function differsText({ fields }: Protocol, host: HostId, names: readonly string[]): string {
  if (!names.length) return text("{host} differs in: {fields}", { host, fields: text("its clock") });
  const named = names.slice(0, FIELDS_MAX).map((name) => (fields[name] ? said(fields[name].label) : name));
  return text("{host} differs in: {fields}", { host, fields: named.join(", ") + (names.length > FIELDS_MAX ? " …" : "") });
}

export function PartingText({ difference, events, names, protocol }: { difference: Difference; events: Spoken; names: [string, string]; protocol: Protocol }) {
  const { acts, how, seqs, time, sent, until, apart } = difference;
  const told = [0, 1].map((side) => sentenceOf(seqs[side] === null ? undefined : events[side]!.get(seqs[side]!), protocol));
  return (
    <dl class="parting">
      {acts.map((list, side) =>
        list.map((seq) => (
          <div key={`${side}${seq}`}>
            <dt>{text("Done in “{name}”", { name: names[side] })}</dt>
            <dd>{sentenceOf(events[side]!.get(seq), protocol)}</dd>
          </div>
        )),
      )}
      {how === null || time === null ? (
        <div>
          <dt>{text("First difference")}</dt>
          <dd>{text("None beside that up to {time}, as far as both go or are compared.", { time: timeLabel(until) })}</dd>
        </div>
      ) : (
        <div class="first-difference">
          <dt>{text("First difference, at {time}", { time: timeLabel(time) })}</dt>
          {[0, 1].map((side) => (
            <dd key={side}>
              <b class="foreign">{names[side]}</b>{" "}
              {seqs[side] === null ? (
                text("This does not happen here.")
              ) : (
                <>
                  <span class="seq">{seqs[side]}</span> {told[side]}
                </>
              )}
            </dd>
          ))}
          {how === "outcome" && told[0] === told[1] && <dd class="note">{text("The same happens, with other effects: in what the host becomes, or in when its messages will arrive.")}</dd>}
          {how === "moment" && <dd class="note">{text("The same happens at another time.")}</dd>}
        </div>
      )}
      {apart.length > 0 && (
        <div class="shared">
          <dt>{text("Not the same at {time}", { time: timeLabel(until) })}</dt>
          {apart.slice(0, HOSTS_MAX).map(([host, fields]) => (
            <dd key={host}>{differsText(protocol, host, fields)}</dd>
          ))}
          {apart.length > HOSTS_MAX && <dd>{text("and {n} more", { n: apart.length - HOSTS_MAX })}</dd>}
        </div>
      )}
      {Math.max(...sent) > 0 && (
        <div class="shared">
          <dt>{text("Messages from there to {time}", { time: timeLabel(until) })}</dt>
          <dd class="foreign">{sharedMessages(difference, names)}</dd>
        </div>
      )}
    </dl>
  );
}

/** How many messages both branches have alike, and how many each has for itself. */
function sharedMessages({ sent: [one, other], equal }: Difference, [a, b]: [string, string]): string {
  if (equal === 0) return text("The two branches share none: “{a}” sends {one}, “{b}” sends {other}.", { a, one, b, other });
  if (equal === one && equal === other) return text("The two branches share all {n}.", { n: equal });
  return text("The two branches share {equal}. “{a}” sends {one} that “{b}” does not; “{b}” sends {other} that “{a}” does not.", { equal, a, one: one - equal, b, other: other - equal });
}
