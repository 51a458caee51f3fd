/** The timeline's tape: marks of a branch, bands per term, and thinning for a bar of few pixels. Pure. */

import type { Mark, MarkKind } from "./types";

export const TAPE_MAX = 20_000;

/** Most telling first: where two ticks would share a pixel, the first of this list is drawn. */
export const TICK_RANK: MarkKind[] = [
  "violation",
  "crash",
  "partition",
  "election",
  "restart",
  "heal",
  "conflict",
  "stepdown",
  "command",
  "candidacy",
  "commit",
];

export interface Band {
  from: number;
  to: number;
  value: number | string | null;
  /** Who leads in it; null: nobody does, though the term may have begun. */
  host: string | null;
}

export interface Tick {
  x: number;
  seq: number;
  time: number;
  kind: MarkKind;
  host: string | null;
  value: number | string | null;
  /** How many marks stand on this place. */
  count: number;
}

export class Tape {
  marks: Mark[] = [];
  version = 0;

  get last(): Mark | undefined {
    return this.marks[this.marks.length - 1];
  }

  reset(marks: readonly Mark[]): void {
    this.marks = [];
    this.append(marks);
    this.version++;
  }

  append(marks: readonly Mark[]): void {
    const last = this.last;
    // Two marks of one event are both kept; a span that was sent twice is not.
    const fresh = last ? marks.filter((mark) => mark[0] > last[0] || (mark[0] === last[0] && !this.knows(mark))) : marks;
    for (const mark of fresh) this.marks.push(mark);
    if (this.marks.length > TAPE_MAX) this.forget();
    this.version++;
  }

  truncateAfter(seq: number): void {
    this.marks = this.marks.filter((mark) => mark[0] <= seq);
    this.version++;
  }

  private knows(mark: Mark): boolean {
    for (let i = this.marks.length - 1; i >= 0 && this.marks[i]![0] === mark[0]; i--) {
      const known = this.marks[i]!;
      if (known[2] === mark[2] && known[3] === mark[3]) return true;
    }
    return false;
  }

  /** Every other commit and candidacy goes first; then the oldest of everything. */
  private forget(): void {
    let even = false;
    this.marks = this.marks.filter((mark) => (mark[2] !== "commit" && mark[2] !== "candidacy") || (even = !even));
    if (this.marks.length > TAPE_MAX) this.marks = this.marks.slice(-Math.floor(TAPE_MAX * 0.9));
  }

  /**
   * Who leads when, up to `end`. A leader's band ends where it crashes or steps down, and where a candidate begins a higher
   * term after the leader's last commit; from there on nobody leads (host null), until the next election.
   */
  bands(end: number): Band[] {
    const bands: Band[] = [];
    let open: Band = { from: 0, to: end, value: null, host: null };
    const begin = (time: number, value: Band["value"], host: string | null): void => {
      if (value === open.value && host === open.host) return;
      open.to = time;
      if (open.to > open.from) bands.push(open);
      open = { from: time, to: end, value, host };
    };
    const commits = this.lastCommits(end);
    for (let i = 0; i < this.marks.length; i++) {
      const [, time, kind, host, value] = this.marks[i]!;
      if (time > end) break;
      if (kind === "election") begin(time, value, host);
      else if (kind === "crash" && host !== null && host === open.host) begin(time, open.value, null);
      else if (kind === "stepdown" && host !== null && host === open.host) begin(time, value ?? open.value, null);
      else if (kind === "candidacy" && Number(value) > Number(open.value ?? 0)) {
        // A leader that still commits leads on, whoever would like to.
        if (open.host === null || (commits.get(open.from) ?? 0) < time) begin(time, value, null);
      }
    }
    if (open.to > open.from || !bands.length) bands.push(open);
    return bands;
  }

  /** Time of an election to the time of its leader's last commit. */
  private lastCommits(end: number): Map<number, number> {
    const found = new Map<number, number>();
    let leader: string | null = null;
    let since = 0;
    for (const [, time, kind, host] of this.marks) {
      if (time > end) break;
      if (kind === "election") [leader, since] = [host, time];
      else if (host !== null && host === leader && (kind === "crash" || kind === "stepdown")) leader = null;
      else if (kind === "commit" && host !== null && host === leader) found.set(since, time);
    }
    return found;
  }

  /** Marks as ticks on a bar `width` pixels wide that shows times `from`..`to`; one per `pitch` pixels and row. */
  ticks(from: number, to: number, width: number, pitch = 3, kinds?: readonly MarkKind[]): Tick[] {
    const span = Math.max(1, to - from);
    const places = new Map<number, Tick>();
    for (let i = this.firstAt(from); i < this.marks.length; i++) {
      const [seq, time, kind, host, value] = this.marks[i]!;
      if (time > to) break;
      if (kinds && !kinds.includes(kind)) continue;
      const x = ((time - from) / span) * width;
      const place = Math.floor(x / pitch);
      const known = places.get(place);
      if (!known) places.set(place, { x, seq, time, kind, host, value, count: 1 });
      else {
        const better = TICK_RANK.indexOf(kind) < TICK_RANK.indexOf(known.kind);
        places.set(place, better ? { x, seq, time, kind, host, value, count: known.count + 1 } : { ...known, count: known.count + 1 });
      }
    }
    return [...places.values()];
  }

  /**
   * Marks as signs on such a bar, those closer than `pitch` pixels folded into one: it bears the most telling kind and
   * the count, and stands where the first of that kind stands. What was folded is still gone to one by one (`neighbour`).
   */
  folds(from: number, to: number, width: number, pitch: number, kinds: readonly MarkKind[]): Tick[] {
    const folded: Tick[] = [];
    for (const tick of this.ticks(from, to, width, 1, kinds)) {
      const last = folded[folded.length - 1];
      if (!last || tick.x - last.x >= pitch) folded.push(tick);
      else if (TICK_RANK.indexOf(tick.kind) < TICK_RANK.indexOf(last.kind)) folded[folded.length - 1] = { ...tick, count: last.count + tick.count };
      else last.count += tick.count;
    }
    return folded;
  }

  private firstAt(time: number): number {
    let low = 0;
    let high = this.marks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.marks[middle]![1] < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The nearest mark before or after a seq, of some kinds; for "next" and "previous" keys. */
  neighbour(seq: number, by: 1 | -1, kinds?: readonly MarkKind[]): Mark | null {
    let best: Mark | null = null;
    for (const mark of this.marks) {
      if (kinds && !kinds.includes(mark[2])) continue;
      if (by === 1 && mark[0] > seq) return mark;
      if (by === -1 && mark[0] < seq) best = mark;
    }
    return best;
  }
}
