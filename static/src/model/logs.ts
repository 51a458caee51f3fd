/** The panels beside the ring that show logs: which entries there are, which are final, which are about to go. Pure. */

import { filling, stopped } from "./channels.ts";
import {
  asLog,
  isLogWindow,
  type Entry,
  type FieldValue,
  type Flight,
  type Host,
  type HostId,
  type LogWindow,
  type MessageSpec,
  type Protocol,
  type RunEvent,
  type StripPanel,
  type Value,
  type World,
} from "./types.ts";

export interface Row {
  length: number;
  committed: number;
  /** First position at hand. */
  from: number;
  /** How many of the first entries are in a snapshot. */
  start: number;
}

export function stripPanel(protocol: Protocol): StripPanel | null {
  return protocol.view.panels.find((panel): panel is StripPanel => panel.kind === "strip") ?? null;
}

export function logRow(host: Host, panel: StripPanel): Row {
  const log = asLog(host.state[panel.field]);
  const committed = panel.commit ? host.state[panel.commit] : 0;
  return { length: log?.length ?? 0, from: log?.from ?? 0, start: log?.start ?? 0, committed: typeof committed === "number" ? committed : 0 };
}

/** The entry at a position; undefined: none, or not at hand. */
export function entryAt(host: Host, field: string, position: number): Entry | undefined {
  const log = asLog(host.state[field]);
  return log?.items[position - log.from];
}

/** A field of an entry; an entry that is no object is its own label. */
export function partOf(entry: Value | undefined, field: string | null | undefined): Value | undefined {
  if (!field) return undefined;
  return entry !== null && typeof entry === "object" && !Array.isArray(entry) ? entry[field] : undefined;
}

/**
 * committed and pending: where the panel says which entries are final; kept: where it does not. gap: a place that is known
 * to be empty. missing: another node has an entry there. unknown: not at hand. free: beyond the end of all logs.
 * snapshot: gone, with a snapshot in its place.
 */
export type CellState = "committed" | "pending" | "kept" | "gap" | "missing" | "unknown" | "free" | "snapshot";

export function cellState(host: Host, panel: StripPanel, position: number, longest: number): CellState {
  const { length, committed, start } = logRow(host, panel);
  if (position < start) return "snapshot";
  if (position >= length) return position < longest ? "missing" : "free";
  const entry = entryAt(host, panel.field, position);
  if (entry === undefined) return "unknown";
  if (entry === null || partOf(entry, panel.gap) === true) return "gap";
  if (!panel.commit && !panel.settled) return "kept";
  return position < committed || partOf(entry, panel.settled) === true ? "committed" : "pending";
}

export interface LeaderMarks {
  leader: HostId;
  /** Index (from 1) that the leader sends next to each peer. */
  next: Record<HostId, number>;
  match: Record<HostId, number>;
}

/**
 * nextIndex and matchIndex of `preferred` if it keeps them, else of the leader with the highest term: a node whose edge is
 * double, and where a protocol has no roles one that keeps any.
 */
export function leaderMarks(protocol: Protocol, world: World, panel: StripPanel, preferred: HostId | null): LeaderMarks | null {
  const view = protocol.view.node;
  if (!panel.next && !panel.match) return null;
  const marksOf = ({ state }: Host): Omit<LeaderMarks, "leader"> => ({
    next: numbers(panel.next ? state[panel.next] : null),
    match: numbers(panel.match ? state[panel.match] : null),
  });
  let best = "";
  let bestFill = -Infinity;
  for (const [id, host] of Object.entries(world.hosts)) {
    if (host.kind !== "node" || !host.up) continue;
    const leads = view.role ? view.roles[String(host.state[view.role])]?.edge === "double" : Object.values(marksOf(host)).some((marks) => Object.keys(marks).length > 0);
    if (!leads) continue;
    const fill = Number.parseFloat(String(view.fill ? filling(host.state[view.fill]) : 0)) || 0;
    if (id === preferred || (best !== preferred && fill > bestFill)) [best, bestFill] = [id, fill];
  }
  return best === "" ? null : { leader: best, ...marksOf(world.hosts[best]!) };
}

function numbers(value: FieldValue | undefined): Record<HostId, number> {
  if (!value || typeof value !== "object" || Array.isArray(value) || isLogWindow(value)) return {};
  return Object.fromEntries(Object.entries(value).filter((pair): pair is [string, number] => typeof pair[1] === "number"));
}

/**
 * First position of each host's log that a message now in flight will remove: its entries are to follow one of the log
 * (`MessageSpec.after`), it is from no older term, that entry is there, and one of its own differs from what stands in its
 * place (Raft §5.3). Messages that would be lost if they arrived now are left out.
 */
export function doomed(protocol: Protocol, world: World, panel: StripPanel): Record<HostId, number> {
  const found: Record<HostId, number> = {};
  for (const flight of Object.values(world.flights)) {
    const spec = protocol.messages[flight.type];
    if (!spec?.after || !spec.beads || !panel.fill) continue;
    const at = removedBy(protocol, world, panel, panel.fill, flight, spec);
    if (at !== null) found[flight.dst] = Math.min(found[flight.dst] ?? Infinity, at);
  }
  return found;
}

function removedBy(protocol: Protocol, world: World, panel: StripPanel, fill: string, flight: Flight, spec: MessageSpec): number | null {
  const entries = flight.body[spec.beads!];
  const host = world.hosts[flight.dst];
  const previous = flight.body[spec.after![0]];
  if (!Array.isArray(entries) || !entries.length || !host?.up || typeof previous !== "number" || stopped(world, flight)) return null;
  const fillField = protocol.view.node.fill;
  const term = spec.fill ? flight.body[spec.fill] : null;
  if (fillField && typeof term === "number" && Number(host.state[fillField]) > term) return null;
  const before = previous > 0 ? entryAt(host, panel.field, previous - 1) : undefined;
  if (before && before[fill] !== flight.body[spec.after![1]]) return null;
  if (previous > logRow(host, panel).length) return null;
  const at = entries.findIndex((entry, i) => {
    const known = entryAt(host, panel.field, previous + i);
    return known !== undefined && known[fill] !== (entry as Entry)[fill];
  });
  return at < 0 ? null : previous + at;
}

/** Positions of a host's log that an event changed and that are there now. */
export function changedEntries(event: RunEvent | undefined, id: HostId, field: string): Set<number> {
  const found = new Set<number>();
  for (const change of event?.changes ?? []) {
    if ((change[0] !== "log" && change[0] !== "state") || change[1] !== id || change[2] !== field) continue;
    const [keep, cut, add, before] = change[0] === "log" ? [change[3], change[4], change[5], change[3]] : wholly(asLog(change[3]), asLog(change[4]));
    add.forEach((entry, i) => {
      if (JSON.stringify(entry) !== JSON.stringify(cut[keep - before + i])) found.add(keep + i);
    });
  }
  return found;
}

/** A log that became another one as a whole, as when it was compacted: where what is known of it begins, what it was and is. */
function wholly(before: LogWindow | null, after: LogWindow | null): [number, Entry[], Entry[], number] {
  return [after?.from ?? 0, before?.items ?? [], after?.items ?? [], before?.from ?? 0];
}
