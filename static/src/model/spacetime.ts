/**
 * A compact record of very many events, for the space-time diagram: one row an event in typed arrays (about 38 bytes
 * against 700 for the whole event), sorted by seq, with gaps where nothing was fetched. Everything that a window of
 * time needs is found by binary search. Pure.
 */

import { messageChannels, placeOf } from "./channels";
import type { Flight, HostId, LossReason, Protocol, RunEvent, Tone, Value } from "./types";

export const ROWS_MAX = 131_072;
/** Of each kind and host. */
const FACTS_MAX = 4000;
export const NONE = 255;

export const enum Kind {
  start,
  deliver,
  timer,
  lost,
  command,
}

export const enum Flag {
  plus = 1,
  minus = 2,
  beads = 4,
  hollow = 8,
  duplicate = 16,
  /** An indication of weight "key". */
  key = 32,
  bad = 64,
}

const KINDS: RunEvent["kind"][] = ["start", "deliver", "timer", "lost", "command"];

export type FactName = "up" | "paused" | "fill" | "role" | "groups";

/** Something that holds from a moment on, for shading: a host's state or the partition. */
export interface Fact {
  seq: number;
  time: number;
  before: Value;
  after: Value;
}

export interface LostAtSending {
  seq: number;
  time: number;
  src: number;
  dst: number;
  tone: Tone | "neutral";
  reason: LossReason;
  id: number;
  /** It carried nothing. */
  hollow: boolean;
}

interface Columns {
  seq: Uint32Array;
  time: Float64Array;
  sent: Float64Array;
  cause: Uint32Array;
  message: Uint32Array;
  kind: Uint8Array;
  host: Uint8Array;
  src: Uint8Array;
  dst: Uint8Array;
  type: Uint8Array;
  flags: Uint8Array;
  /** Lost: how far it came, in 255ths of the way. */
  place: Uint8Array;
}

function columns(capacity: number): Columns {
  const u8 = (): Uint8Array => new Uint8Array(capacity);
  const u32 = (): Uint32Array => new Uint32Array(capacity);
  return {
    seq: u32(),
    time: new Float64Array(capacity),
    sent: new Float64Array(capacity),
    cause: u32(),
    message: u32(),
    kind: u8(),
    host: u8(),
    src: u8(),
    dst: u8(),
    type: u8(),
    flags: u8(),
    place: u8(),
  };
}

export class Chronicle {
  /** Rows in use; the columns are longer. */
  rows = 0;
  columns: Columns;
  readonly lostAtSending: LostAtSending[] = [];
  readonly types: string[];
  version = 0;
  /** Changes when rows changed otherwise than by appending. */
  rewrites = 0;
  /** The longest flight seen, which says how far beyond a window its arrows may end. */
  longest = 0;
  private readonly facts = new Map<string, Fact[]>();
  private capacity: number;
  private readonly index: Map<HostId, number>;
  private readonly fillField: string | null;
  private readonly roleField: string | null;

  constructor(
    readonly hosts: readonly HostId[],
    private readonly protocol: Protocol,
    private readonly max = ROWS_MAX,
  ) {
    this.capacity = Math.min(1024, max);
    this.columns = columns(this.capacity);
    this.index = new Map(hosts.map((id, i) => [id, i]));
    this.types = Object.keys(protocol.messages);
    this.fillField = protocol.view.node.fill;
    this.roleField = protocol.view.node.role;
  }

  hostIndex(id: HostId | null): number {
    return id === null ? NONE : (this.index.get(id) ?? NONE);
  }

  /** Adds events without gaps between them; rows already there are replaced. */
  insert(events: readonly RunEvent[]): void {
    if (!events.length) return;
    const first = events[0]!.seq;
    const last = events[events.length - 1]!.seq;
    const low = this.lowerSeq(first);
    const high = this.lowerSeq(last + 1);
    const appending = low === this.rows;
    this.reserve(this.rows + events.length - (high - low));
    if (!appending) {
      for (const column of Object.values(this.columns)) column.copyWithin(low + events.length, high, this.rows);
      this.forgetFacts(first, last);
      this.rewrites++;
    }
    this.rows += events.length - (high - low);
    events.forEach((event, i) => this.write(low + i, event));
    if (!appending) {
      for (const list of this.facts.values()) list.sort((a, b) => a.seq - b.seq);
      this.lostAtSending.sort((a, b) => a.seq - b.seq);
    }
    if (this.rows > this.max) this.dropOldest();
    this.version++;
  }

  truncateAfter(seq: number): void {
    this.rows = this.lowerSeq(seq + 1);
    this.forgetFacts(seq + 1, Infinity);
    this.version++;
    this.rewrites++;
  }

  /* ---------------------------------------------------------------- finding */

  /** First row with its seq >= `seq`. */
  lowerSeq(seq: number): number {
    return lower(this.columns.seq, this.rows, seq);
  }

  /** First row with its time >= `time`. */
  lowerTime(time: number): number {
    return lower(this.columns.time, this.rows, time);
  }

  /** Row of an event, -1 when it is not at hand. */
  rowOf(seq: number): number {
    const { columns } = this;
    const guess = seq - (columns.seq[0] ?? 0);
    if (guess >= 0 && guess < this.rows && columns.seq[guess] === seq) return guess;
    const row = this.lowerSeq(seq);
    return row < this.rows && this.columns.seq[row] === seq ? row : -1;
  }

  /** The row in which a message ended; the newest first. -1: not at hand or still in flight. */
  rowOfMessage(id: number): number {
    const { message, kind } = this.columns;
    for (let row = this.rows - 1; row >= 0; row--) {
      if (message[row] === id && (kind[row] === Kind.deliver || kind[row] === Kind.lost)) return row;
    }
    return -1;
  }

  /** Rows whose event or arrow touches from..to, as [first, end): arrows may end after the window. */
  window(from: number, to: number): [number, number] {
    return [this.lowerTime(from), this.lowerTime(to + this.longest + 1)];
  }

  /** What is not at hand between two times, as an inclusive span of seqs, or null. */
  gapIn(from: number, to: number): [number, number] | null {
    const { seq } = this.columns;
    const start = Math.max(0, this.lowerTime(from) - 1);
    const end = Math.min(this.rows, this.lowerTime(to) + 1);
    if (this.rows && start === 0 && seq[0]! > 1 && this.columns.time[0]! > from) return [Math.max(1, seq[0]! - 500), seq[0]! - 1];
    // Spans are few: jump over runs without gaps by comparing seq with row distance.
    for (let row = start; row + 1 < end; ) {
      if (seq[end - 1]! - seq[row]! === end - 1 - row) return null;
      let step = 1;
      while (row + step < end && seq[row + step]! - seq[row]! === step) step++;
      if (row + step >= end) return null;
      const before = seq[row + step - 1]!;
      return [Math.max(before + 1, seq[row + step]! - 500), seq[row + step]! - 1];
    }
    return null;
  }

  /** Changes of a fact about a host (`NONE`: about all), in order. */
  changesOf(host: number, what: FactName): readonly Fact[] {
    return this.facts.get(`${host} ${what}`) ?? [];
  }

  /** What held between two times, as spans [from, to, value]; `now` is the value where no change is at hand. */
  spans(host: number, what: FactName, from: number, to: number, now: Value): [number, number, Value][] {
    const changes = this.changesOf(host, what);
    let i = 0;
    for (let high = changes.length; i < high; ) {
      const middle = (i + high) >> 1;
      if (changes[middle]!.time <= from) i = middle + 1;
      else high = middle;
    }
    const spans: [number, number, Value][] = [];
    let since = from;
    let value = i > 0 ? changes[i - 1]!.after : changes.length ? changes[0]!.before : now;
    for (; i < changes.length && changes[i]!.time < to; i++) {
      spans.push([since, changes[i]!.time, value]);
      since = changes[i]!.time;
      value = changes[i]!.after;
    }
    spans.push([since, to, value]);
    return spans;
  }

  /* ---------------------------------------------------------------- writing */

  private write(row: number, event: RunEvent): void {
    const c = this.columns;
    c.seq[row] = event.seq;
    c.time[row] = event.time;
    c.kind[row] = KINDS.indexOf(event.kind);
    c.host[row] = this.hostIndex(event.host);
    c.cause[row] = event.cause;
    const message = event.message;
    c.message[row] = message?.id ?? 0;
    c.sent[row] = message ? message.sent : event.time;
    c.src[row] = message ? this.hostIndex(message.src) : NONE;
    c.dst[row] = message ? this.hostIndex(message.dst) : NONE;
    c.type[row] = message ? this.types.indexOf(message.type) & 255 : NONE;
    c.place[row] = message ? Math.round(placeOf(message, event.time) * 255) : 0;
    c.flags[row] = (message ? this.messageFlags(message) : 0) | this.eventFlags(event);
    if (message) this.longest = Math.max(this.longest, event.time - message.sent);
    this.note(event);
  }

  private messageFlags(message: Flight): number {
    const { reply, hollow, beads } = messageChannels(this.protocol, message);
    const sign = reply === true ? Flag.plus : reply === false ? Flag.minus : 0;
    return sign | (beads ? Flag.beads : 0) | (hollow ? Flag.hollow : 0) | (message.of !== null ? Flag.duplicate : 0);
  }

  private eventFlags(event: RunEvent): number {
    let flags = 0;
    for (const indication of event.indications ?? []) {
      const spec = this.protocol.indications[indication.type];
      if (spec?.weight === "key") flags |= Flag.key;
      if (spec?.tone === "bad") flags |= Flag.bad;
    }
    return flags;
  }

  private note(event: RunEvent): void {
    const { seq, time } = event;
    const add = (host: number, what: FactName, before: Value, after: Value): void => {
      const key = `${host} ${what}`;
      const known = this.facts.get(key);
      if (!known) this.facts.set(key, [{ seq, time, before, after }]);
      else if (known.push({ seq, time, before, after }) > FACTS_MAX) known.splice(0, FACTS_MAX / 10);
    };
    for (const change of event.changes ?? []) {
      if (change[0] === "groups") add(NONE, "groups", change[1], change[2]);
      else if (change[0] === "host" && (change[2] === "up" || change[2] === "paused")) {
        add(this.hostIndex(change[1]), change[2], change[3], change[4]);
      } else if (change[0] === "state" && (change[2] === this.fillField || change[2] === this.roleField)) {
        const what = change[2] === this.fillField ? "fill" : "role";
        add(this.hostIndex(change[1]), what, change[3] as Value, change[4] as Value);
      }
    }
    for (const { message, reason } of event.lost ?? []) {
      const [src, dst] = [this.hostIndex(message.src), this.hostIndex(message.dst)];
      const tone = this.protocol.messages[message.type]?.tone ?? "neutral";
      const { hollow } = messageChannels(this.protocol, message);
      this.lostAtSending.push({ seq, time, src, dst, tone, reason, id: message.id, hollow });
    }
    if (this.lostAtSending.length > FACTS_MAX) this.lostAtSending.splice(0, FACTS_MAX / 10);
  }

  private forgetFacts(first: number, last: number): void {
    for (const list of [...this.facts.values(), this.lostAtSending] as { seq: number }[][]) {
      const kept = list.filter((item) => item.seq < first || item.seq > last);
      list.length = 0;
      for (const item of kept) list.push(item);
    }
  }

  private reserve(rows: number): void {
    if (rows <= this.capacity) return;
    while (this.capacity < rows) this.capacity *= 2;
    const wider = columns(this.capacity);
    for (const name of Object.keys(wider) as (keyof Columns)[]) wider[name].set(this.columns[name].subarray(0, this.rows));
    this.columns = wider;
  }

  private dropOldest(): void {
    const drop = this.rows - Math.floor(this.max * 0.75);
    for (const column of Object.values(this.columns)) column.copyWithin(0, drop, this.rows);
    this.rows -= drop;
    this.rewrites++;
  }
}

function lower(column: Uint32Array | Float64Array, rows: number, value: number): number {
  let low = 0;
  let high = rows;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (column[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/* ------------------------------------------------------------------ the visible window */
