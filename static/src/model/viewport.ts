/** The window of time that drawings look through: moved, zoomed, and following the run. Pure. */

import type { TimeWindow } from "./links.ts";

/** Which span of time is seen, and whether it follows the run. Virtual microseconds. */
export class Viewport {
  from = 0;
  span: number;
  following = true;
  /** Somebody has moved or zoomed it: from then on nothing else chooses the span. */
  chosen = false;
  /** It was given together with what is selected, which therefore does not move it. */
  private given = false;
  static readonly SPAN_MIN = 2_000;
  static readonly SPAN_MAX = 24 * 3_600_000_000;

  constructor(span = 800_000) {
    this.span = span;
  }

  get to(): number {
    return this.from + this.span;
  }

  /** While following, the present stands at nine tenths of the width. */
  follow(t: number): void {
    if (this.following) this.from = t - this.span * 0.9;
  }

  x(time: number, width: number): number {
    return ((time - this.from) / this.span) * width;
  }

  time(x: number, width: number): number {
    return this.from + (x / width) * this.span;
  }

  /** By a share of the span; positive goes later. */
  pan(share: number, t: number): void {
    this.chosen = true;
    this.given = false;
    this.from = Math.max(-this.span * 0.9, Math.min(this.from + share * this.span, t - this.span * 0.1));
    this.following = this.from >= t - this.span * 0.91 && share > 0;
  }

  /** Follows the run again, with the span that suits. */
  live(): void {
    this.following = true;
    this.chosen = false;
  }

  /** Around a time that keeps its place; factor < 1 shows more detail. */
  zoom(factor: number, around: number): void {
    this.chosen = true;
    const span = Math.max(Viewport.SPAN_MIN, Math.min(Viewport.SPAN_MAX, this.span * factor));
    this.from = around - ((around - this.from) / this.span) * span;
    this.span = span;
  }

  /** What somebody has chosen to see, in whole µs; null: nobody has. */
  get told(): TimeWindow | null {
    if (!this.chosen) return null;
    return { span: Math.round(this.span), ...(this.following ? {} : { from: Math.round(this.from) }) };
  }

  /** Shows what another one has told; `selected`: the event that was selected with it need not be in sight. */
  show({ span, from }: TimeWindow, selected: boolean): void {
    this.chosen = true;
    this.given = selected;
    this.span = Math.max(Viewport.SPAN_MIN, Math.min(Viewport.SPAN_MAX, span));
    this.following = from === undefined;
    if (from !== undefined) this.from = from;
  }

  /** Brings a time into view. */
  reveal(time: number): void {
    const { given } = this;
    this.given = false;
    if (given || (time >= this.from && time <= this.to)) return;
    this.from = time - this.span / 2;
    this.following = false;
    this.chosen = true;
  }
}
