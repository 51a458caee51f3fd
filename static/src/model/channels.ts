/**
 * From the protocol's declared view and the world to what is drawn: one meaning per channel, no pixels. Pure.
 *
 * fill = term or ballot; edge and letter = role; opacity and a cross = down; shape and lane = message kind.
 */

import {
  isLogWindow,
  linkId,
  parted,
  type FieldValue,
  type Flight,
  type Host,
  type HostId,
  type Link,
  type MessageShape,
  type NodeView,
  type Protocol,
  type RoleSpec,
  type Timer,
  type Tone,
  type Value,
  type World,
} from "./types";

/** Terms repeat their hues; the number is always printed too. */
export const TERM_HUES = 6;

/** Larger numbers than these are times or checksums: those that differ by a multiple of six are to differ in hue too. */
const COUNTED_MAX = 200;
const GOLDEN = 0.6180339887;

/** Of a term, a ballot ("3.n2") or a name ("n2"). Two ballots of one round are as different as two of one node. */
export function termHue(value: number | string | null): number | null {
  const number = typeof value === "string" ? numberIn(value) : Math.floor(value ?? 0);
  if (!Number.isFinite(number) || number <= 0) return null;
  return number <= COUNTED_MAX ? (number - 1) % TERM_HUES : Math.floor(((number * GOLDEN) % 1) * TERM_HUES);
}

/** The first number in a word; of a ballot its round and its node together. */
function numberIn(word: string): number {
  const ballot = /^(\d+)\.n(\d+)$/.exec(word);
  return ballot ? 10 * Number(ballot[1]) + Number(ballot[2]) : Number(/\d+/.exec(word)?.[0] ?? 0);
}

export interface NodeChannels {
  up: boolean;
  paused: boolean;
  /** The term or ballot as printed; null: the view binds none. */
  fill: number | string | null;
  hue: number | null;
  roleName: string | null;
  role: RoleSpec | null;
  /** Share of the election timer still to run, 0..1; null: it does not run. */
  ring: number | null;
  ringTimer: string | null;
  /** Whose votes it has; null: not drawn. */
  quorum: Record<HostId, boolean> | null;
  /** Whose votes count; null: those of all nodes. */
  voters: HostId[] | null;
  votes: number;
  /** How many it needs; null: not said, or the rule that says so is off. */
  needed: number | null;
  target: HostId | null;
  successor: HostId | null;
  chips: { field: string; label: string; value: string }[];
}

export function nodeChannels(protocol: Protocol, world: World, id: HostId, t: number, nodes: readonly HostId[]): NodeChannels {
  const host = world.hosts[id]!;
  const view = protocol.view.node;
  const roleName = view.role ? scalar(host.state[view.role]) : null;
  const role = host.kind === "node" ? roleOf(view, host) : null;
  const fill = view.fill && host.kind === "node" ? filling(host.state[view.fill]) : null;
  const quorum = view.quorum && host.up && (!view.quorum_role || [view.quorum_role].flat().includes(String(roleName))) ? votesOf(host.state[view.quorum]) : null;
  const groups = view.electorate ? groupsOf(host.state[view.electorate]) : [];
  const voters = groups.length ? groups.flat() : null;
  const target = view.target ? host.state[view.target] : null;
  const successor = view.successor ? host.state[view.successor] : null;
  const timer = view.ring ? host.timers[view.ring] : undefined;
  return {
    up: host.up,
    paused: host.paused,
    fill,
    hue: termHue(fill),
    roleName: roleName === null ? null : String(roleName),
    role,
    ring: host.up && timer ? timerRest(timer, t) : null,
    ringTimer: view.ring,
    quorum,
    voters,
    votes: quorum ? Object.entries(quorum).filter(([id, yes]) => yes && (voters?.includes(id) ?? true)).length : 0,
    // Where several groups must agree, no one number is needed.
    needed: groups.length > 1 ? null : neededOf(view.quorum_of ?? null, world, voters?.length ?? nodes.length),
    target: typeof target === "string" ? target : null,
    successor: typeof successor === "string" && host.up ? successor : null,
    chips: host.kind === "node" && host.up ? chipsOf(protocol, host, view.chips) : [],
  };
}

/** What a host is drawn as: its role, or where that is a plain one, what it is in the cluster. */
export function roleOf(view: NodeView, host: Host): RoleSpec | null {
  const role = view.role ? (view.roles[String(host.state[view.role])] ?? null) : null;
  const standing = view.standing ? view.standings?.[String(host.state[view.standing])] : undefined;
  return standing && role?.edge === "plain" ? standing : role;
}

function groupsOf(value: FieldValue | undefined): HostId[][] {
  return Array.isArray(value) ? value.filter((group): group is HostId[] => Array.isArray(group)) : [];
}

/** A majority is counted over all members, and is not what is asked for where a rule of that name is off. */
function neededOf(quorum: "majority" | "all" | null, world: World, nodes: number): number | null {
  if (quorum === "all") return nodes;
  return quorum === "majority" && world.rules.majority !== false ? Math.floor(nodes / 2) + 1 : null;
}

function chipsOf(protocol: Protocol, host: Host, fields: readonly string[]): NodeChannels["chips"] {
  return fields
    .filter((field) => field in host.state)
    .map((field) => ({ field, label: protocol.fields[field]?.label ?? field, value: brief(host.state[field]!) }));
}

function scalar(value: FieldValue | undefined): number | string | null {
  return typeof value === "number" || typeof value === "string" ? value : null;
}

/** What fills a node or a cell; a pair such as (3, n2) as "3.n2". */
export function filling(value: FieldValue | undefined): number | string | null {
  if (value === null || typeof value !== "object" || isLogWindow(value)) return scalar(value);
  const parts = (Array.isArray(value) ? value : Object.values(value)).map((part) => scalar(part as FieldValue));
  return parts.length > 0 && parts.length <= 3 && parts.every((part) => part !== null) ? parts.join(".") : null;
}

function votesOf(value: FieldValue | undefined): Record<HostId, boolean> | null {
  if (Array.isArray(value)) return Object.fromEntries(value.map((id) => [String(id), true]));
  if (value && typeof value === "object" && !isLogWindow(value)) {
    return Object.fromEntries(Object.entries(value).map(([id, yes]) => [id, yes === true]));
  }
  return null;
}

/** Share of a timer still to run at `t`, 1 when just set; paused: what was left then. */
export function timerRest(timer: Timer, t: number): number {
  const left = timer.due === null ? (timer.left ?? 0) : timer.due - t;
  return timer.span > 0 ? Math.max(0, Math.min(1, left / timer.span)) : 0;
}

/* ------------------------------------------------------------------ messages */

export interface MessageChannels {
  tone: Tone | "neutral";
  shape: MessageShape;
  /** true: +, false: −, null: not a reply. */
  reply: boolean | null;
  beads: number;
  /** A message that could carry entries and carries none: hollow and faint. */
  hollow: boolean;
  fill: number | string | null;
  hue: number | null;
}

export function messageChannels(protocol: Protocol, flight: Flight): MessageChannels {
  const spec = protocol.messages[flight.type];
  if (!spec) return { tone: "neutral", shape: "circle", reply: null, beads: 0, hollow: false, fill: null, hue: null };
  const list = spec.beads ? flight.body[spec.beads] : null;
  const beads = Array.isArray(list) ? list.length : typeof list === "number" ? list : 0;
  const answer = spec.reply ? flight.body[spec.reply] : null;
  const fill = spec.fill ? filling(flight.body[spec.fill] as FieldValue) : null;
  return {
    tone: spec.tone,
    shape: spec.shape,
    reply: typeof answer === "boolean" ? answer : null,
    beads,
    hollow: spec.beads !== null && beads === 0,
    fill,
    hue: termHue(fill),
  };
}

/** How far a message is on its way at `t`, 0..1. */
export function placeOf(flight: Flight, t: number): number {
  if (flight.due === null) return flight.place / 1000;
  const whole = flight.due - flight.leg;
  const done = whole <= 0 ? 1 : Math.max(0, Math.min(1, (t - flight.leg) / whole));
  return (flight.place + (1000 - flight.place) * done) / 1000;
}

/* ------------------------------------------------------------------ links */

export interface LinkChannels {
  cut: boolean;
  held: boolean;
  /** Slower than the set-up's link. */
  slow: boolean;
  lossy: boolean;
  duplicating: boolean;
  /** Stopped by a partition. */
  walled: boolean;
  plain: boolean;
}

export function linkChannels(link: Link, usual: Link, walled: boolean): LinkChannels {
  const slow = link.low + link.high > (usual.low + usual.high) * 1.25;
  const lossy = link.loss_percent > usual.loss_percent;
  const duplicating = link.duplicate_percent > usual.duplicate_percent;
  const plain = link.up && !link.held && !slow && !lossy && !duplicating && !walled;
  return { cut: !link.up, held: link.held, slow, lossy, duplicating, walled, plain };
}

/** The part of a link that dials set and that is printed. */
function dials(link: Link): string {
  return `${link.low} ${link.high} ${link.loss_percent} ${link.duplicate_percent}`;
}

/** What more than two thirds of these links have in delay, loss and duplication; none so common: the set-up's link. */
export function commonLink(links: readonly Link[], usual: Link): Link {
  const counts = new Map<string, number>();
  for (const link of links) {
    const key = dials(link);
    const count = (counts.get(key) ?? 0) + 1;
    if (count * 3 > links.length * 2) return link;
    counts.set(key, count);
  }
  return usual;
}

/** True when two links differ in what dials set. */
export function differs(a: Link, b: Link): boolean {
  return dials(a) !== dials(b);
}

/* ------------------------------------------------------------------ what stands in the way */

/** True for a message that a cut link or a partition keeps from its end. What has arrived and waits is past them. */
export function stopped(world: World, { src, dst, place }: Flight): boolean {
  return place < 1000 && (world.links[linkId(src, dst)]?.up === false || parted(world.groups, src, dst));
}

/** True for a message that has arrived at a paused host and waits there until the host goes on. */
export function waitsAtHost(world: World, flight: Flight, t: number): boolean {
  if (!world.hosts[flight.dst]?.paused) return false;
  return flight.place >= 1000 || (flight.due !== null && flight.due <= t && !stopped(world, flight));
}

/* ------------------------------------------------------------------ values in few characters */

/** A log entry's command in a cell: "x=5", "x:1→2", "−x", "x?", "x+=2", "x←job", "x→"; null (a no-op) is "∅". */
export function commandLabel(value: Value | undefined): string {
  if (value === null || value === undefined) return "∅";
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) return brief(value);
  const { name } = value;
  const [key, given] = [brief(value.key ?? ""), brief(value.value ?? "")];
  switch (name) {
    case "put":
      return `${key}=${given}`;
    case "cas":
      return `${key}:${brief(value.expect ?? "∅")}→${given}`;
    case "delete":
      return `−${key}`;
    case "get":
      return `${key}?`;
    case "add":
      return `${key}+=${given}`;
    case "push":
      return `${key}←${given}`;
    case "pop":
      return `${key}→`;
    case undefined:
      return brief(value);
    default:
      return value.key === undefined ? [String(name), ...namesOf(value)].join(" ") : `${String(name)} ${key}`;
  }
}

/** What an operation without a key is about; what stands in a log says it in its name. */
function namesOf(value: Record<string, Value>): string[] {
  if ("client" in value) return [];
  return Object.entries(value).flatMap(([field, part]) => (field !== "name" && typeof part === "string" ? [part] : []));
}

/** Any value of a field, short enough for a chip. */
export function brief(value: FieldValue): string {
  if (value === null) return "–";
  if (value === true) return "✓";
  if (value === false) return "✗";
  if (typeof value === "number" || typeof value === "string") return String(value);
  if (isLogWindow(value)) return `#${value.length}`;
  if (Array.isArray(value)) return value.length > 4 ? `[${value.length}]` : value.map((item) => brief(item)).join(" ");
  const pairs = Object.entries(value);
  return pairs.length > 3 ? `{${pairs.length}}` : pairs.map(([key, item]) => `${key}:${brief(item)}`).join(" ");
}

/** Virtual microseconds for people: "12.4 ms", "3.21 s", "4:05.2". */
export function timeLabel(micros: number): string {
  const ms = micros / 1000;
  if (Math.abs(ms) < 1) return `${Math.round(micros)} µs`;
  if (Math.abs(ms) < 1000) return `${Math.abs(ms) < 100 ? Math.round(ms * 10) / 10 : Math.round(ms)} ms`;
  const s = ms / 1000;
  if (Math.abs(s) < 60) return `${s.toFixed(s < 10 ? 2 : 1)} s`;
  const minutes = Math.floor(s / 60);
  return `${minutes}:${(s - minutes * 60).toFixed(1).padStart(4, "0")}`;
}
