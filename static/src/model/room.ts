/**
 * Everything that this browser knows about a room, in one place.
 *
 * `receive` takes the server's numbered updates; `advance` lets wall time pass, moves the displayed time (`t`) and
 * applies to the displayed world (`world`) the events that it has reached. Views draw `world` at `t` and read the rest.
 * A viewer may detach: then `world` is a copy of his own, stepped through locally, while the room goes on underneath.
 */

import { sharedPast, type Branch } from "./branches";
import type { ChallengeState } from "./told";
import { EventStore } from "./events";
import { Judged, standings, type Known, type Standing } from "./judged";
import { Operations } from "./operations";
import { Playhead, type Move } from "./playhead";
import { apply, copyWorld, trimLogs, unapply, widened } from "./reducer";
import type { Story } from "./exploration";
import type { Chronicle } from "./spacetime";
import { Tape } from "./tapes";
import {
  compareHosts,
  isLogWindow,
  parted,
  type Costs,
  type Entry,
  type HostId,
  type LessonState,
  type Link,
  type Operation,
  type Person,
  type PropertyChange,
  type PropertyState,
  type Protocol,
  type RunEvent,
  type Scenario,
  type Selection,
  type Sentence,
  type Setup,
  type Until,
  type Update,
  type Welcome,
  type World,
} from "./types";

export type Topic =
  | "world" /* the displayed world changed */
  | "room" /* cursor, head, playing, speed, until, branch, people, controls, stopped, detached */
  | "selection"
  | "events" /* the store of events grew or was cut */
  | "tape"
  | "properties"
  | "operations"
  | "lesson" /* lesson, scenario or challenge */
  | "notice";

export type Received = "applied" | "gap" | "stale";

/** More waiting notices than this are of no use to anybody. */
const NOTICES_MAX = 20;

export class RoomModel {
  readonly room: string;
  you: Welcome["you"];
  readonly protocol: Protocol;
  readonly setup: Setup;
  readonly limits: Record<string, number>;
  /** The properties that are not promised here, and why (msgid). */
  readonly disclaimed: Record<string, string>;
  /** The requests that are refused as the room is set up, and why (msgid). */
  readonly refused: Record<string, string>;
  /** The kinds of messages that nobody sends as it is set up. */
  readonly absent: readonly string[];
  warnings: Sentence[];
  /** What the run has cost up to the room's moment; null where nobody counts. */
  costs: Costs | null;
  /** The rooms that share this one's clock and its faults; null where it is alone. */
  ensemble: string[] | null;
  /** The story of a search that the room was opened for. */
  readonly found: Story | null;
  readonly store = new EventStore();
  readonly tape = new Tape();
  readonly nodes: HostId[];
  readonly clients: HostId[];

  epoch: string;
  seq: number;
  now: number;
  cursor: number;
  head: number;
  branch: number;
  playing: boolean;
  ratio: number;
  until: Until | null;
  people: Person[];
  controls: string;
  branches: Branch[];
  lesson: LessonState | null;
  challenge: ChallengeState | null;
  scenario: Scenario | null;
  stopped: Sentence | null;
  notices: { code: string; text: string; args?: Sentence["args"] }[] = [];
  /** The latest time that this branch is known to reach. */
  headTime: number;
  /** Counts entries of logs that were fetched: the world differs without an event. */
  entriesVersion = 0;
  /** Counts what was told of clients' operations. */
  operationsVersion = 0;

  private kept: Chronicle | null = null;
  private readonly playhead: Playhead;
  private readonly ops: Operations;
  private readonly judged: Judged;
  private parts: Record<string, string[]>;
  private live: World;
  private own: { world: World; t: number } | null = null;
  private transitions: Record<string, PropertyChange[]>;
  private chosen: Selection | null = null;
  private listeners = new Map<Topic, Set<() => void>>();

  constructor(welcome: Welcome) {
    this.room = welcome.room;
    this.you = welcome.you;
    this.protocol = welcome.protocol;
    this.setup = welcome.setup;
    this.limits = welcome.limits ?? {};
    this.disclaimed = welcome.disclaimed ?? {};
    this.refused = welcome.refused ?? {};
    this.absent = welcome.absent ?? [];
    this.costs = welcome.costs ?? null;
    this.ensemble = welcome.ensemble ?? null;
    this.found = welcome.found ?? null;
    this.warnings = welcome.warnings ?? [];
    this.epoch = welcome.epoch;
    this.seq = welcome.seq;
    this.now = this.headTime = welcome.now;
    this.cursor = welcome.cursor;
    this.head = welcome.head;
    this.branch = welcome.branch;
    this.playing = welcome.playing;
    this.ratio = welcome.ratio;
    this.until = welcome.until;
    this.people = welcome.people;
    this.controls = welcome.controls;
    this.branches = welcome.branches;
    this.lesson = welcome.lesson ?? null;
    this.challenge = welcome.challenge ?? null;
    this.scenario = welcome.scenario ?? null;
    this.stopped = welcome.stopped ?? null;
    this.live = copyWorld(welcome.world);
    this.transitions = { ...welcome.properties };
    this.playhead = new Playhead(welcome.now);
    this.playhead.jump(welcome);
    this.ops = new Operations(welcome.operations);
    this.judged = new Judged(welcome.judged);
    this.parts = welcome.parts ?? {};
    this.tape.reset(welcome.tape);
    const hosts = Object.keys(welcome.world.hosts).sort(compareHosts);
    this.nodes = hosts.filter((id) => this.live.hosts[id]!.kind === "node");
    this.clients = hosts.filter((id) => this.live.hosts[id]!.kind === "client");
    this.growHeadTime();
  }

  /* ---------------------------------------------------------------- what is shown */

  /** The world on the screen. Treat it as read-only. */
  get world(): World {
    return this.own ? this.own.world : this.live;
  }

  /** The virtual time on the screen. */
  get t(): number {
    if (this.own) return this.own.t;
    return this.playhead.reduced && this.playing ? Math.max(this.live.time, 0) : this.playhead.t;
  }

  get detached(): boolean {
    return this.own !== null;
  }

  /** True while the displayed time moves, that is, while frames must be drawn. */
  get moving(): boolean {
    return this.playhead.moving;
  }

  set reducedMotion(reduced: boolean) {
    this.playhead.reduced = reduced;
  }

  get mayControl(): boolean {
    // Not from the list of people, which in a full hall names only some of them.
    return this.you.role === "presenter" || this.controls === "all" || this.controls === this.you.id;
  }

  linkState(src: HostId, dst: HostId): Link {
    return this.world.links[`${src}>${dst}`] ?? this.setup.link;
  }

  /** True when a partition stands between the two. */
  separated(a: HostId, b: HostId): boolean {
    return parted(this.world.groups, a, b);
  }

  /** State of a property at the displayed moment (or at `seq`), the event of its last change, and the detail. */
  property(name: string, seq = this.world.seq): { state: PropertyState; since: number; detail: number | null } {
    const changes = this.transitions[name] ?? [];
    for (let i = changes.length - 1; i >= 0; i--) {
      const [since, state, detail] = changes[i]!;
      if (since <= seq) return { state, since, detail: detail ?? null };
    }
    const kind = this.protocol.properties[name]?.kind;
    return { state: kind === "always" ? "holds" : "waiting", since: 0, detail: null };
  }

  /** The operations of clients as known at the displayed moment, in order of invocation. */
  operations(seq = this.world.seq): Operation[] {
    return this.ops.at(seq);
  }

  /** The operations, each with its place in the order that explains them, as far as known at the displayed moment. */
  standings(seq = this.world.seq): Standing[] {
    return standings(this.ops.at(seq), this.judged.at(seq), this.parts);
  }

  /** What is known of their orders at the displayed moment. */
  judgement(seq = this.world.seq): Known {
    return this.judged.at(seq);
  }

  /** What the space-time diagram draws. */
  get chronicle(): Chronicle {
    if (!this.kept) throw new Error("nobody has asked for a chronicle");
    return this.kept;
  }

  get charted(): boolean {
    return this.kept !== null;
  }

  /** From now on there is a chronicle, of all events that are at hand too. Its code comes with the diagram. */
  keepChronicle(Kept: typeof Chronicle): void {
    if (this.kept) return;
    this.kept = new Kept([...this.nodes, ...this.clients], this.protocol);
    for (const span of this.store.known()) this.kept.insert(span);
  }

  /* ---------------------------------------------------------------- updates */

  /** Takes a welcome of the same room after a reconnection that could not be caught up. */
  rejoin(welcome: Welcome): RoomModel {
    const fresh = new RoomModel(welcome);
    fresh.listeners = this.listeners;
    fresh.chosen = this.chosen;
    fresh.playhead.reduced = this.playhead.reduced;
    for (const topic of this.listeners.keys()) fresh.tell(topic);
    return fresh;
  }

  /** "gap": an update is missing before this one, ask for it; "stale": known already. */
  receive(update: Update, wall: number): Received {
    if (update.epoch !== this.epoch) return "gap";
    if (update.seq <= this.seq) return "stale";
    if (update.seq !== this.seq + 1) return "gap";
    const topics = new Set<Topic>(["room"]);
    this.seq = update.seq;
    this.changeBranch(update, topics);
    this.takeFacts(update, topics);
    this.takeMoves(update, wall, topics);
    for (const topic of topics) this.tell(topic);
    return "applied";
  }

  private changeBranch(update: Update, topics: Set<Topic>): void {
    if (update.branches) this.branches = update.branches;
    if (update.branch === this.branch) return;
    // What still waits belongs to the branch that is left: it must be over before events of the other one come.
    if (this.applyMoves(this.playhead.flush())) topics.add("world");
    const shared = Math.min(sharedPast(this.branches, this.branch, update.branch), update.jump ? Infinity : this.cursor);
    this.branch = update.branch;
    this.store.truncateAfter(shared);
    this.kept?.truncateAfter(shared);
    this.ops.truncateAfter(shared);
    this.judged.truncateAfter(shared);
    this.tape.truncateAfter(shared);
    for (const [name, changes] of Object.entries(this.transitions)) {
      this.transitions[name] = changes.filter(([since]) => since <= shared);
    }
    this.headTime = update.now;
    this.attach();
    for (const topic of ["events", "tape", "properties", "operations"] as Topic[]) topics.add(topic);
  }

  private takeFacts(update: Update, topics: Set<Topic>): void {
    if (update.tape_reset) this.tape.reset([]);
    if (update.tape?.length || update.tape_reset) {
      this.tape.append(update.tape ?? []);
      topics.add("tape");
    }
    for (const [name, changes] of Object.entries(update.properties ?? {})) {
      const known = this.transitions[name] ?? [];
      const first = changes[0]?.[0] ?? Infinity;
      this.transitions[name] = [...known.filter(([since]) => since < first), ...changes];
      topics.add("properties");
    }
    if (update.tape_reset) this.judged.reset([]);
    if (update.judged) this.judged.append(update.judged);
    if (update.parts) this.parts = update.parts;
    if (update.tape_reset || update.judged || update.parts) topics.add("operations");
    if (topics.has("operations")) this.operationsVersion++;
    if (update.people) this.people = update.people;
    if (update.controls !== undefined) this.controls = update.controls;
    if (update.lesson !== undefined) this.lesson = update.lesson;
    if (update.scenario !== undefined) this.scenario = update.scenario;
    if (update.challenge !== undefined) this.challenge = update.challenge;
    if (update.lesson !== undefined || update.scenario !== undefined || update.challenge !== undefined) topics.add("lesson");
    if (update.operations) {
      this.operationsVersion++;
      this.ops.replace(update.operations);
      topics.add("operations");
    }
    if (update.stopped !== undefined) this.stopped = update.stopped;
    if (update.warnings) this.warnings = update.warnings;
    if (update.costs !== undefined) this.costs = update.costs;
    if (update.notice) {
      this.notices = [...this.notices, update.notice].slice(-NOTICES_MAX);
      topics.add("notice");
    }
    this.now = update.now;
    this.cursor = update.cursor;
    this.head = update.head;
    this.playing = update.playing;
    this.ratio = update.ratio;
    this.until = update.until;
    this.growHeadTime();
  }

  private takeMoves(update: Update, wall: number, topics: Set<Topic>): void {
    const forward = update.events ?? [];
    const moves: Move[] = (update.back ?? []).map((event) => ({ event, forward: false }));
    for (const event of forward) moves.push({ event, forward: true });
    if (update.back?.length) this.remember([...update.back].reverse());
    if (forward.length) this.remember(forward);
    if (moves.length) topics.add("events");
    if (update.jump) {
      this.live = copyWorld(update.jump);
      this.playhead.jump(update);
      topics.add("world");
      return;
    }
    const beat = { now: update.now, playing: update.playing, ratio: update.ratio, moves };
    if (this.applyMoves(this.playhead.receive(beat, wall))) topics.add("world");
  }

  private remember(events: RunEvent[]): void {
    this.store.insert(events);
    this.kept?.insert(events);
    if (!this.ops.take(events)) return;
    this.operationsVersion++;
    this.tell("operations");
  }

  private growHeadTime(): void {
    const marked = this.tape.last;
    this.headTime = Math.max(this.headTime, this.now, marked ? marked[1] : 0);
  }

  /* ---------------------------------------------------------------- time passes */

  /** Call once a frame. Returns true when something on the screen may have moved. */
  advance(wall: number): boolean {
    const before = this.t;
    const changed = this.applyMoves(this.playhead.advance(wall));
    if (changed && !this.own) this.tell("world");
    return (changed && !this.own) || this.t !== before;
  }

  private applyMoves(moves: Move[]): boolean {
    for (const { event, forward } of moves) {
      if (forward) apply(this.live, event);
      else unapply(this.live, event, this.timeBefore(event));
    }
    if (moves.length) trimLogs(this.live);
    return moves.length > 0;
  }

  /** Time of the event before this one; as near as is known when that is not at hand. */
  private timeBefore(event: RunEvent): number {
    if (event.seq === 1) return 0;
    const known = this.store.get(event.seq - 1)?.time;
    return known ?? (event.seq - 1 === this.cursor ? Math.min(this.now, event.time) : event.time);
  }

  /* ---------------------------------------------------------------- looking around alone */

  detach(): void {
    if (this.own) return;
    for (const { event, forward } of this.playhead.flush()) {
      if (forward) apply(this.live, event);
      else unapply(this.live, event, this.timeBefore(event));
    }
    this.own = { world: copyWorld(this.live), t: this.playhead.t };
    this.tell("room");
    this.tell("world");
  }

  /** One event of one's own. False: that event is not at hand (fetch it, `insertEvents`, try again) or there is none. */
  stepLocal(by: 1 | -1): boolean {
    this.detach();
    const own = this.own!;
    const event = this.store.get(by === 1 ? own.world.seq + 1 : own.world.seq);
    if (!event) return false;
    if (by === 1) apply(own.world, event);
    else unapply(own.world, event, this.timeBefore(event));
    own.t = own.world.time;
    this.tell("world");
    this.tell("room");
    return true;
  }

  /** Shows a world fetched from the server, alone. */
  goto(world: World, t = world.time): void {
    this.own = { world: copyWorld(world), t };
    this.tell("room");
    this.tell("world");
  }

  /** Back to what everybody sees. */
  attach(): void {
    if (!this.own) return;
    this.own = null;
    this.tell("room");
    this.tell("world");
  }

  /** Events fetched from the server, of this branch, without gaps. */
  insertEvents(events: readonly RunEvent[]): void {
    if (!events.length) return;
    this.store.insert(events);
    this.kept?.insert(events);
    this.tell("events");
  }

  /** Entries of a log fetched from the server for the world displayed at `seq`. */
  insertEntries(seq: number, host: HostId, field: string, from: number, items: Entry[]): void {
    for (const world of new Set([this.world, this.live])) {
      const log = world.hosts[host]?.state[field];
      if (!isLogWindow(log) || (world.seq !== seq && log.from > log.length)) continue;
      const wide = widened(log, from, items);
      if (wide === log) continue;
      const old = world.hosts[host]!;
      world.hosts[host] = { ...old, state: { ...old.state, [field]: wide } };
      this.entriesVersion++;
    }
    this.tell("world");
  }

  /* ---------------------------------------------------------------- selection, subscription */

  get selection(): Selection | null {
    return this.chosen;
  }

  select(selection: Selection | null): void {
    if (JSON.stringify(selection) === JSON.stringify(this.chosen)) return;
    this.chosen = selection;
    this.tell("selection");
  }

  /** Calls `listener` after each change of the topic. Returns the way out. */
  subscribe(topic: Topic | Topic[], listener: () => void): () => void {
    const topics = Array.isArray(topic) ? topic : [topic];
    for (const one of topics) {
      const set = this.listeners.get(one) ?? new Set();
      this.listeners.set(one, set.add(listener));
    }
    return () => topics.forEach((one) => this.listeners.get(one)?.delete(listener));
  }

  private tell(topic: Topic): void {
    for (const listener of this.listeners.get(topic) ?? []) listener();
  }
}
