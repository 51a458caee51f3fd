/**
 * The events that this browser has at hand: spans of one branch, each without gaps, sorted, apart from each other.
 *
 * Live events are appended, older ones are fetched and inserted anywhere. At most `EVENTS_MAX` are kept (an event of
 * five nodes takes about 0.7 KB of heap); what lies farthest from the newest insertion goes first. The space-time diagram
 * keeps its own, much smaller record of many more events (`spacetime.ts`).
 */

import type { RunEvent } from "./types";

export const EVENTS_MAX = 3000;

interface Span {
  /** events[i].seq === first + i */
  first: number;
  events: RunEvent[];
}

export class EventStore {
  private spans: Span[] = [];
  private count = 0;
  /** Changes whenever the content does; for views that cache. */
  version = 0;

  constructor(private readonly max = EVENTS_MAX) {}

  get size(): number {
    return this.count;
  }

  /** The newest seq at hand, 0 when there is none. */
  get last(): number {
    const span = this.spans[this.spans.length - 1];
    return span ? span.first + span.events.length - 1 : 0;
  }

  get first(): number {
    return this.spans[0]?.first ?? 0;
  }

  /** All that is at hand: spans without gaps, oldest first. */
  known(): readonly (readonly RunEvent[])[] {
    return this.spans.map((span) => span.events);
  }

  get(seq: number): RunEvent | undefined {
    const span = this.spans[this.spanAt(seq)];
    return span?.events[seq - span.first];
  }

  has(seq: number): boolean {
    return this.get(seq) !== undefined;
  }

  /** Known events with from <= seq <= to, oldest first. Gaps are skipped. */
  range(from: number, to: number): RunEvent[] {
    const found: RunEvent[] = [];
    for (const span of this.spans) {
      if (span.first > to) break;
      const start = Math.max(0, from - span.first);
      const end = Math.min(span.events.length, to - span.first + 1);
      for (let i = start; i < end; i++) found.push(span.events[i]!);
    }
    return found;
  }

  /** What is not at hand of from..to, as inclusive [from, to] pairs. */
  missing(from: number, to: number): [number, number][] {
    const gaps: [number, number][] = [];
    let next = Math.max(1, from);
    for (const span of this.spans) {
      const end = span.first + span.events.length;
      if (end <= next) continue;
      if (span.first > to) break;
      if (span.first > next) gaps.push([next, Math.min(to, span.first - 1)]);
      next = end;
    }
    if (next <= to) gaps.push([next, to]);
    return gaps;
  }

  /** The last known event with time <= `time`, or undefined. Spans are ordered in time as they are in seq. */
  atTime(time: number): RunEvent | undefined {
    for (let s = this.spans.length - 1; s >= 0; s--) {
      const { events } = this.spans[s]!;
      if (events[0]!.time > time) continue;
      let low = 0;
      let high = events.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (events[middle]!.time <= time) low = middle;
        else high = middle - 1;
      }
      return events[low];
    }
    return undefined;
  }

  /** Adds events that follow each other without a gap; those already known are replaced. */
  insert(events: readonly RunEvent[]): void {
    if (!events.length) return;
    const first = events[0]!.seq;
    const end = first + events.length;
    let merged: Span = { first, events: events.slice() };
    const others: Span[] = [];
    const tail = this.spans[this.spans.length - 1];
    if (tail && tail.first + tail.events.length === first) {
      for (const event of events) tail.events.push(event);
    } else {
      for (const span of this.spans) {
        if (span.first + span.events.length < first || span.first > end) others.push(span);
        else merged = joined(span, merged);
      }
      others.push(merged);
      this.spans = others.sort((a, b) => a.first - b.first);
    }
    this.count = this.spans.reduce((sum, span) => sum + span.events.length, 0);
    this.trim(first);
    this.version++;
  }

  /** Forgets everything after `seq`: another branch begins there. */
  truncateAfter(seq: number): void {
    this.spans = this.spans.filter((span) => span.first <= seq);
    const tail = this.spans[this.spans.length - 1];
    if (tail) tail.events.length = Math.min(tail.events.length, seq - tail.first + 1);
    this.count = this.spans.reduce((sum, span) => sum + span.events.length, 0);
    this.version++;
  }

  clear(): void {
    this.truncateAfter(0);
  }

  private spanAt(seq: number): number {
    for (let s = this.spans.length - 1; s >= 0; s--) {
      if (this.spans[s]!.first <= seq) return s;
    }
    return -1;
  }

  /** A tenth goes at a time, so that appending stays cheap. */
  private trim(near: number): void {
    if (this.count <= this.max) return;
    let excess = this.count - Math.floor(this.max * 0.9);
    while (excess > 0 && this.spans.length) {
      const head = this.spans[0]!;
      const tail = this.spans[this.spans.length - 1]!;
      const fromHead = near - head.first >= tail.first + tail.events.length - 1 - near;
      const span = fromHead ? head : tail;
      const cut = Math.min(excess, span.events.length);
      if (fromHead) {
        span.events.splice(0, cut);
        span.first += cut;
      } else span.events.length -= cut;
      if (!span.events.length) this.spans.splice(fromHead ? 0 : this.spans.length - 1, 1);
      excess -= cut;
      this.count -= cut;
    }
  }
}

/** Two spans that touch or overlap, as one; `fresh` wins where both know an event. */
function joined(old: Span, fresh: Span): Span {
  const first = Math.min(old.first, fresh.first);
  const freshEnd = fresh.first + fresh.events.length;
  const before = old.first < fresh.first ? old.events.slice(0, fresh.first - old.first) : [];
  const after = old.events.slice(Math.max(0, freshEnd - old.first));
  return { first, events: [...before, ...fresh.events, ...after] };
}
