/**
 * The JSON that server and browser exchange, as TypeScript types.
 *
 * Units: every `time`, `now`, `due`, `left`, `low`, `high`, `offset` is an integer number of virtual microseconds.
 * Hosts are named "n1".."n9" (nodes) and "c1".. (clients); a link is one direction, "n1>n2". `seq` numbers the events
 * of a branch from 1; 0 is the moment before the first event.
 */

import type { Branch } from "./branches.ts";
import type { Story } from "./exploration";
import type { ArgumentSpec, GroupSpec, OperationSpec, ParamSpec, RosterSpec } from "./forms.ts";
import type { ChallengeState, LessonState, Scenario } from "./told.ts";

export type { ChallengeState, LessonState, ParamSpec, Scenario };

export type Value = null | boolean | number | string | Value[] | { [key: string]: Value };
export type HostId = string;
export type LinkId = string;
export type Args = Record<string, Value>;

/** A sentence as the server sends it: an English message id and what fills its `{name}` places. */
export interface Sentence {
  text: string;
  args?: Args;
}

/* ------------------------------------------------------------------ the world */

export interface World {
  /** The last event applied, and its time. */
  seq: number;
  time: number;
  hosts: Record<HostId, Host>;
  /** Sparse: only the links that differ from `setup.link`. */
  links: Record<LinkId, Link>;
  /** The partition in force. Hosts in different groups cannot talk; a host in no group talks to all. */
  groups: HostId[][] | null;
  /** true = the rule is on. */
  rules: Record<string, boolean>;
  /** Messages in flight by message id. */
  flights: Record<string, Flight>;
}

export interface Host {
  kind: "node" | "client";
  up: boolean;
  paused: boolean;
  /** Speed of the host's clock in parts per million; 1,000,000 is true time. */
  rate_ppm: number;
  offset: number;
  incarnation: number;
  state: Record<string, FieldValue>;
  timers: Record<string, Timer>;
}

export type FieldValue = Value | LogWindow;

/** Paused: `due` is null and `left` says how much was still to run. */
export interface Timer {
  set: number;
  due: number | null;
  left: number | null;
  /** Its full length, which a change of the host's clock changes too; a pause does not count. */
  span: number;
}

export interface Link {
  up: boolean;
  held: boolean;
  low: number;
  high: number;
  loss_percent: number;
  duplicate_percent: number;
  fifo: boolean;
}

export interface Flight {
  id: number;
  src: HostId;
  dst: HostId;
  type: string;
  body: Record<string, Value>;
  /** Id of the original, when this message is a duplicate. */
  of: number | null;
  sent: number;
  sent_seq: number;
  /** The present leg of the way began at time `leg`, at `place` thousandths of the way. */
  leg: number;
  place: number;
  /** null: it does not move. place < 1000: held on the link; place == 1000: waiting at a paused host. */
  due: number | null;
  left: number | null;
}

export type Entry = Record<string, Value>;

/** The known tail of a log: positions `from` .. `length - 1`, counted from 0 (the index shown is position + 1). */
export interface LogWindow {
  log: true;
  length: number;
  from: number;
  items: Entry[];
  /** How many of its first entries are gone, with a snapshot in their place; absent: none. */
  start?: number;
}

/* ------------------------------------------------------------------ events */

export type EventKind = "start" | "deliver" | "timer" | "lost" | "command";
/** Who gives a command. */
export type Giver = "person" | "scenario" | "lesson";
export type LossReason = "loss" | "cut" | "partition" | "down" | "dropped";

export interface RunEvent {
  seq: number;
  time: number;
  kind: EventKind;
  /** seq of the event that sent the message or set the timer; 0 = none. */
  cause: number;
  host: HostId | null;
  /** deliver, lost: the message as it was just before. */
  message?: Flight;
  reason?: LossReason;
  timer?: string;
  command?: Command;
  by?: string;
  /** A person may call himself "lesson". */
  by_kind?: Giver;
  sent?: Flight[];
  /** Lost at sending: these never were in flight. */
  lost?: { message: Flight; reason: LossReason }[];
  changes?: Change[];
  indications?: Indication[];
}

export type HostField = "up" | "paused" | "rate_ppm" | "offset" | "incarnation";

export type Change =
  | ["state", HostId, string, FieldValue, FieldValue]
  | ["log", HostId, string, number, Entry[], Entry[]]
  | ["timer", HostId, string, Timer | null, Timer | null]
  | ["host", HostId, HostField, boolean | number, boolean | number]
  | ["link", LinkId, Link | null, Link | null]
  | ["groups", HostId[][] | null, HostId[][] | null]
  | ["rule", string, boolean, boolean]
  | ["flight", number, Flight | null, Flight | null];

export interface Indication {
  type: string;
  [param: string]: Value;
}

/* ------------------------------------------------------------------ commands */

export interface ClientOperation {
  name: string;
  [arg: string]: Value | undefined;
}

export type Command =
  | { type: "crash"; node: HostId }
  | { type: "restart"; node: HostId; disk: "kept" | "lost" }
  | { type: "pause"; node: HostId }
  | { type: "resume"; node: HostId }
  | ({ type: "set_link"; src: HostId; dst: HostId } & Partial<Link>)
  | { type: "partition"; groups: HostId[][] }
  | { type: "heal" }
  | { type: "drop"; message: number }
  | { type: "duplicate"; message: number }
  | { type: "delay"; message: number; by: number }
  | { type: "deliver_now"; message: number }
  | { type: "hold_link"; src: HostId; dst: HostId }
  | { type: "release_link"; src: HostId; dst: HostId }
  | { type: "set_clock"; node: HostId; rate_ppm?: number; offset?: number }
  | { type: "fire_timer"; node: HostId; timer: string }
  | { type: "request"; client: HostId; operation: ClientOperation; to?: HostId }
  | { type: "switch_rule"; rule: string; on: boolean };

/* ------------------------------------------------------------------ the protocol's description */

export type Tone = "vote" | "append" | "client" | "control";
export type MessageShape = "circle" | "square" | "diamond" | "triangle";

export interface FieldSpec {
  label: string;
  text: string;
  durable: boolean;
  /** The rule that must be on for it to be durable. */
  unless?: string | null;
  of: "node" | "client";
}

export interface MessageSpec {
  label: string;
  /** msgid; its parameters are src, dst and the fields of the body. */
  text: string;
  tone: Tone;
  shape: MessageShape;
  /** Body field that is true or false: drawn + or −. */
  reply: string | null;
  /** Body list: one bead an entry; empty = hollow and faint. */
  beads: string | null;
  /** Body field that colours the message. */
  fill: string | null;
  /** What one is called that could carry entries and carries none ("heartbeat"); null: that is nothing special. */
  hollow?: string | null;
  /** Its entries are to follow an entry of the receiver: the body fields with the index and the fill of that one. */
  after?: [string, string] | null;
}

export interface IndicationSpec {
  text: string;
  cites: string;
  weight: "key" | "normal" | "routine";
  mark: null | "election" | "candidacy" | "commit" | "stepdown" | "conflict";
  tone: "good" | "bad" | "neutral";
}

export interface PropertySpec {
  title: string;
  text: string;
  cites: string;
  kind: "always" | "eventually" | "sometimes";
  /** What must be so for it to be promised (msgid); empty: nothing beyond the rules. */
  assumes?: string;
}

export interface RoleSpec {
  label: string;
  letter: string;
  edge: "plain" | "dashed" | "double" | "faint";
  icon: string | null;
}

export interface NodeView {
  fill: string | null;
  role: string | null;
  roles: Record<string, RoleSpec>;
  /** Timer whose rest is the arc. */
  ring: string | null;
  /** Field with a list of ids, or {id: boolean}. */
  quorum: string | null;
  /** The quorum is drawn only in this role. */
  quorum_role: string | string[] | null;
  /** How many of the quorum are needed; null: that is not said. */
  quorum_of?: "majority" | "all" | null;
  /** Field with groups of ids: whose votes count, a majority of each group; none: all nodes. */
  electorate?: string | null;
  /** Field with what a node is in the cluster; of these, what is drawn in the place of a plain role. */
  standing?: string | null;
  standings?: Record<string, RoleSpec>;
  /** Field naming another node. */
  target: string | null;
  /** Field naming the neighbour to which it sends: the ring on which messages go around. */
  successor?: string | null;
  chips: string[];
}

/** A log a node: `fill`, `label`, `settled` and `gap` are fields of an entry, the others of the node. */
export interface StripPanel {
  kind: "strip";
  field: string;
  fill?: string | null;
  label: string;
  /** Field: number of committed entries. */
  commit?: string | null;
  /** Fields {peer: index}. */
  next?: string | null;
  match?: string | null;
  /** True where the entry by itself is committed. */
  settled?: string | null;
  /** True where nothing stands at this place. */
  gap?: string | null;
  /** Field: what stands in the place of entries that are gone. */
  snapshot?: string | null;
  title?: string | null;
}

export type News = "good" | "bad" | "wait" | "neutral";

/** A row for each key of the dict `field`, a column for each node. `label` and `note` are fields of what stands there. */
export interface TablePanel {
  kind: "table";
  field: string;
  title: string;
  label?: string | null;
  note?: string | null;
  words?: Record<string, string>;
  tones?: Record<string, News>;
}

/** A row for each node, a column for each peer in its dict `field`. */
export interface MatrixPanel {
  kind: "matrix";
  field: string;
  title?: string | null;
}

/** What stands beside the ring; the fields of a host are always in the inspector. */
export type BoardPanel = StripPanel | TablePanel | MatrixPanel;
export type Panel = BoardPanel | { kind: "fields" };
export type LayoutName = "circle" | "star" | "columns" | "line";

export interface View {
  layout: LayoutName;
  node: NodeView;
  panels: Panel[];
  roster?: RosterSpec | null;
}

export interface Protocol {
  name: string;
  title: string;
  summary: string;
  cites: string;
  fields: Record<string, FieldSpec>;
  messages: Record<string, MessageSpec>;
  timers: Record<string, { label: string; text: string }>;
  indications: Record<string, IndicationSpec>;
  properties: Record<string, PropertySpec>;
  rules: Record<string, { title: string; text: string; cites: string }>;
  params: Record<string, ParamSpec>;
  groups?: GroupSpec[];
  operations: OperationSpec[];
  /** The arguments of operations, beside key, value and expect. */
  arguments?: Record<string, ArgumentSpec>;
  view: View;
  family?: string;
  /** Why linearizability is not asked of it (msgid); empty where it is. */
  no_service?: string;
}

/* ------------------------------------------------------------------ the room */

export interface Until {
  kind: "leader" | "commit" | "message" | "violation" | "time" | "indication";
  type?: string;
  time?: number;
}

export type MarkKind =
  | "election"
  | "candidacy"
  | "commit"
  | "stepdown"
  | "conflict"
  | "crash"
  | "restart"
  | "partition"
  | "heal"
  | "command"
  | "violation";

/** seq, time, kind, host, value (the term, for elections and step-downs). */
export type Mark = [number, number, MarkKind, HostId | null, number | string | null];

export type PropertyState = "waiting" | "holds" | "seen" | "broken";
/** seq of the change, the state from then on, and the event that shows it in detail. */
export type PropertyChange = [number, PropertyState, number?];

export interface Person {
  id: string;
  name: string;
  role: "presenter" | "viewer";
  may_control: boolean;
}

export interface Setup {
  protocol: string;
  nodes: number;
  clients: number;
  params: Record<string, Value>;
  rules: Record<string, boolean>;
  seed: number;
  link: Link;
  /** A link as it comes. */
  usual_link?: Link;
}

export interface Operation {
  id: string;
  client: HostId;
  operation: ClientOperation;
  invoked: number;
  invoked_seq: number;
  returned: number | null;
  returned_seq: number | null;
  outcome: "ok" | "failed" | "unknown" | null;
  result: Value;
}

/** What became known of clients' operations at event `seq`, of one key (null: there is one object). */
export type JudgedFact =
  /** The first `keep` of its order stay, then come these. */
  | [number, "order", string | null, number, string[]]
  /** No order explains this operation. */
  | [number, "error", string | null, string]
  /** Too much is possible to say more. */
  | [number, "given_up", string | null];

/** What a run has cost up to the moment shown. Times are µs; null where there is none yet. */
export interface Costs {
  messages: number;
  bytes: number;
  lost: number;
  /** Message delays one after the other on the way to an answer, over all `answers`; two are a round trip. */
  delays: number;
  answers: number;
  reads: number;
  stale: number;
  elections: number;
  commits: number;
  first_election: number | null;
  /** Requests of the workload: all that came, those answered, those refused, those that a second was not enough for. */
  asked: number;
  answered: number;
  failed: number;
  late: number;
  write_times: { p50: number; p99: number } | null;
  read_times: { p50: number; p99: number } | null;
}

export interface Update {
  type: "update";
  epoch: string;
  seq: number;
  now: number;
  cursor: number;
  head: number;
  branch: number;
  playing: boolean;
  ratio: number;
  until: Until | null;
  events?: RunEvent[];
  back?: RunEvent[];
  jump?: World;
  tape?: Mark[];
  tape_reset?: boolean;
  properties?: Record<string, PropertyChange[]>;
  people?: Person[];
  controls?: string;
  branches?: Branch[];
  notice?: { code: string; text: string; args: Args };
  /** What a person should know about the dials, when they have changed. */
  warnings?: { text: string; args: Args }[];
  lesson?: LessonState | null;
  challenge?: ChallengeState | null;
  scenario?: Scenario | null;
  operations?: Operation[];
  judged?: JudgedFact[];
  /** For an operation that can't be explained, those that contradict each other. */
  parts?: Record<string, string[]>;
  /** In a comparison. */
  costs?: Costs | null;
  stopped?: { text: string; args: Args } | null;
}

export interface Welcome {
  epoch: string;
  seq: number;
  room: string;
  you: { id: string; name: string; role: "presenter" | "viewer"; may_control: boolean };
  protocol: Protocol;
  setup: Setup;
  world: World;
  now: number;
  cursor: number;
  head: number;
  branch: number;
  playing: boolean;
  ratio: number;
  until: Until | null;
  tape: Mark[];
  properties: Record<string, PropertyChange[]>;
  operations: Operation[];
  judged?: JudgedFact[];
  parts?: Record<string, string[]>;
  people: Person[];
  controls: string;
  branches: Branch[];
  lesson: LessonState | null;
  challenge?: ChallengeState | null;
  scenario: Scenario | null;
  limits: Record<string, number>;
  warnings: { text: string; args: Args }[];
  /** The properties that the protocol does not promise as it is set up, each with the reason (msgid). */
  disclaimed: Record<string, string>;
  /** The operations that no client can have with these tunables, each with the reason (msgid). */
  refused?: Record<string, string>;
  /** The kinds of messages that nobody sends here. */
  absent?: string[];
  /** In a comparison: the meter, and the rooms under one clock, the first of which conducts. */
  costs: Costs | null;
  ensemble: string[] | null;
  stopped: { text: string; args: Args } | null;
  /** The story of a search that the room was opened for, right before its last event. */
  found?: Story | null;
}

/* ------------------------------------------------------------------ what a person has selected */

/** One selection for all views: select something in one and it is selected in all. */
export type Selection =
  | { kind: "host"; host: HostId }
  | { kind: "link"; src: HostId; dst: HostId }
  /** `seq` helps to find a message that has already landed: the event that ended it. */
  | { kind: "message"; id: number; seq?: number }
  | { kind: "event"; seq: number }
  /** `position` counts from 0; the index shown is position + 1. */
  | { kind: "entry"; host: HostId; field: string; position: number };

/** Translates a message id and fills its `{name}` parameters; returns plain text. */
export type Text = (msgid: string, args?: Args) => string;

export function isLogWindow(value: FieldValue | undefined): value is LogWindow {
  return typeof value === "object" && value !== null && !Array.isArray(value) && (value as LogWindow).log === true;
}

/** A list of entries, whether it is told as a log or as a plain list; null: it is none. */
export function asLog(value: FieldValue | undefined): LogWindow | null {
  if (isLogWindow(value)) return value;
  return Array.isArray(value) ? { log: true, length: value.length, from: 0, items: value as Entry[] } : null;
}

export function linkId(src: HostId, dst: HostId): LinkId {
  return `${src}>${dst}`;
}

/** True when a partition stands between the two; a host of no group talks to all. */
export function parted(groups: readonly HostId[][] | null, a: HostId, b: HostId): boolean {
  if (!groups) return false;
  const of = (id: HostId): number => groups.findIndex((group) => group.includes(id));
  const [x, y] = [of(a), of(b)];
  return x >= 0 && y >= 0 && x !== y;
}

/** "n10" after "n9": hosts in the order in which people count them, nodes before clients. */
export function compareHosts(a: HostId, b: HostId): number {
  const kind = (id: HostId): number => (id.startsWith("c") ? 1 : 0);
  return kind(a) - kind(b) || Number(a.slice(1)) - Number(b.slice(1)) || (a < b ? -1 : a > b ? 1 : 0);
}
