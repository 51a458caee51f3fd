/**
 * The displayed virtual time, made from wall time and what the server says.
 *
 * The server tells the room's time once a tick (50 ms). Playing, the displayed time follows 1.5 ticks behind, at the
 * room's speed, a little faster or slower to keep its distance, and never backwards; an event happens on the screen when
 * the displayed time reaches it. Stepping and seeking move the displayed time there in about 400 ms, so that messages
 * are seen flying, backwards too. Where motion is not wanted (`reduced`) everything is there at once.
 *
 * Wall times are milliseconds of any steady clock; virtual times are microseconds.
 */

import type { RunEvent } from "./types";

export const TICK_MS = 50;
const BUFFER_MS = 1.5 * TICK_MS;
export const STEP_MS = 400;
/** More waiting events than this are applied at once (a tab in the background draws no frames). */
const PENDING_MAX = 600;
const STALE_MS = 1000;

/** One event to be applied (forward) or undone. */
export interface Move {
  event: RunEvent;
  forward: boolean;
}

export interface Beat {
  now: number;
  playing: boolean;
  ratio: number;
  moves: Move[];
}

interface Tween {
  from: number;
  to: number;
  began: number;
  lasts: number;
}

export class Playhead {
  t: number;
  reduced = false;
  private playing = false;
  private ratio = 1;
  /** The newest time told by the server. */
  private known: number;
  /** Estimate of (server's now − wall × speed): the least delayed of the recent updates. */
  private base: number | null = null;
  private tween: Tween | null = null;
  private pending: Move[] = [];
  private lastWall: number | null = null;

  constructor(now: number) {
    this.t = now;
    this.known = now;
  }

  /** Virtual microseconds in a millisecond of wall time. */
  private get speed(): number {
    return 1000 / this.ratio;
  }

  /** True while frames are needed: the displayed time still moves. */
  get moving(): boolean {
    return this.playing || this.tween !== null || this.pending.length > 0;
  }

  /** The world was replaced: be there at once. */
  jump(beat: Omit<Beat, "moves">): void {
    this.pending = [];
    this.tween = null;
    this.base = null;
    this.t = this.known = beat.now;
    this.playing = beat.playing;
    this.ratio = beat.ratio;
  }

  /** Takes an update; returns the moves that can't wait for a frame. */
  receive(beat: Beat, wall: number): Move[] {
    const wasPlaying = this.playing;
    const changed = beat.ratio !== this.ratio || beat.playing !== wasPlaying;
    const overdue = this.lastWall !== null && wall - this.lastWall > STALE_MS;
    this.playing = beat.playing;
    this.ratio = beat.ratio;
    this.known = beat.now;
    for (const move of beat.moves) this.enqueue(move);
    if (changed) this.base = null;
    if (this.pending.length > PENDING_MAX || (overdue && this.pending.length > 0)) return this.flush();
    const back = beat.moves.some((move) => !move.forward);
    if (beat.playing && !back) {
      this.tween = null;
      // In the middle of a step back: finish it, and play on from there.
      if (beat.now < this.t || this.pending.some((move) => !move.forward)) return this.flush();
      const offset = beat.now - wall * this.speed;
      // Forget slowly, so that a clock that runs differently is followed.
      this.base = this.base === null ? offset : Math.max(offset, this.base - this.speed * 2);
      return [];
    }
    const distance = Math.abs(beat.now - this.t);
    if (this.reduced || distance === 0) return this.flush();
    const natural = distance / this.speed;
    const lasts = wasPlaying && !back ? Math.min(STEP_MS, natural) : STEP_MS;
    this.tween = { from: this.t, to: beat.now, began: wall, lasts };
    return [];
  }

  /** Moves the displayed time to where it belongs at `wall`; returns the moves that happened on the way. */
  advance(wall: number): Move[] {
    const elapsed = this.lastWall === null ? 0 : Math.min(250, Math.max(0, wall - this.lastWall));
    this.lastWall = wall;
    if (this.tween) {
      const { from, to, began, lasts } = this.tween;
      const done = lasts <= 0 ? 1 : Math.min(1, Math.max(0, (wall - began) / lasts));
      this.t = Math.round(from + (to - from) * eased(done));
      if (done >= 1) return this.flush();
      return this.reached();
    }
    if (!this.playing) return this.pending.length || this.t !== this.known ? this.flush() : [];
    this.t = Math.max(this.t, Math.min(this.known, this.follow(wall, elapsed)));
    return this.reached();
  }

  /** A move and its opposite next to each other are no move; of another branch, an event of that number is another one. */
  private enqueue(move: Move): void {
    const last = this.pending[this.pending.length - 1];
    if (last && last.forward !== move.forward && same(last.event, move.event)) this.pending.pop();
    else this.pending.push(move);
  }

  private follow(wall: number, elapsed: number): number {
    if (this.base === null) this.base = this.known - wall * this.speed;
    const aim = this.base + (wall - BUFFER_MS) * this.speed;
    const behind = (aim - this.t) / this.speed;
    if (behind > STALE_MS) return Math.round(aim);
    const pull = Math.max(-0.6, Math.min(2, behind / 200));
    return Math.round(this.t + elapsed * this.speed * (1 + pull));
  }

  /** The waiting moves that the displayed time has reached, in order. */
  private reached(): Move[] {
    let n = 0;
    while (n < this.pending.length) {
      const { event, forward } = this.pending[n]!;
      if (forward ? event.time > this.t : event.time <= this.t) break;
      n++;
    }
    return n ? this.pending.splice(0, n) : [];
  }

  /** Everything that waits, now. */
  flush(): Move[] {
    const moves = this.pending;
    this.pending = [];
    this.tween = null;
    this.t = this.known;
    return moves;
  }
}

/** True for one event told twice. */
function same(one: RunEvent, other: RunEvent): boolean {
  return one === other || (one.seq === other.seq && JSON.stringify(one) === JSON.stringify(other));
}

function eased(x: number): number {
  return x < 0.5 ? 2 * x * x : 1 - 2 * (1 - x) * (1 - x);
}
