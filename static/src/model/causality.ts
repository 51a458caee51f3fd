/**
 * The causal past and future of an event, over the events at hand (Lamport's happened-before): events of one host follow
 * each other, and an event follows the one that sent its message or set its timer.
 *
 * On each host the past is everything up to some event and the future everything from some event on, so each is one
 * number a host: a vector clock and its mirror.
 */

import { Kind, NONE, type Chronicle } from "./spacetime";

export interface Cone {
  seq: number;
  /** By host index: the last seq in the past (0 = none); the event itself counts. */
  past: Float64Array;
  /** By host index: the first seq in the future (Infinity = none); the event itself counts. */
  future: Float64Array;
  /** Hostless events (a partition, a lost message) in the past and in the future. */
  pastExtra: Set<number>;
  futureExtra: Set<number>;
  /** Where the future was computed up to. */
  rows: number;
  rewrites: number;
}

export function inPast(cone: Cone, host: number, seq: number): boolean {
  return host === NONE ? cone.pastExtra.has(seq) : seq <= cone.past[host]!;
}

export function inFuture(cone: Cone, host: number, seq: number): boolean {
  return host === NONE ? cone.futureExtra.has(seq) : seq >= cone.future[host]!;
}

/** A loss is seen by nobody: it follows its sending, and nothing follows it. */
function hostOf(chronicle: Chronicle, row: number): number {
  return chronicle.columns.kind[row] === Kind.lost ? NONE : chronicle.columns.host[row]!;
}

/** Null when the event is not at hand. `known` is extended when it is the same event's and rows were only appended. */
export function coneOf(chronicle: Chronicle, seq: number, known: Cone | null): Cone | null {
  if (known && known.seq === seq && known.rewrites === chronicle.rewrites) {
    grow(chronicle, known);
    return known;
  }
  const row = chronicle.rowOf(seq);
  if (row < 0) return null;
  const hosts = chronicle.hosts.length;
  const cone: Cone = {
    seq,
    past: new Float64Array(hosts),
    future: new Float64Array(hosts).fill(Infinity),
    pastExtra: new Set([seq]),
    futureExtra: new Set([seq]),
    rows: row,
    rewrites: chronicle.rewrites,
  };
  const host = hostOf(chronicle, row);
  if (host !== NONE) cone.past[host] = cone.future[host] = seq;
  lookBack(chronicle, cone, row);
  grow(chronicle, cone);
  return cone;
}

function lookBack(chronicle: Chronicle, cone: Cone, from: number): void {
  const { seq, cause } = chronicle.columns;
  for (let row = from; row >= 0; row--) {
    if (!inPast(cone, hostOf(chronicle, row), seq[row]!)) continue;
    const because = cause[row]!;
    if (!because) continue;
    const origin = chronicle.rowOf(because);
    const host = origin < 0 ? NONE : hostOf(chronicle, origin);
    if (host === NONE) cone.pastExtra.add(because);
    else cone.past[host] = Math.max(cone.past[host]!, because);
  }
}

function grow(chronicle: Chronicle, cone: Cone): void {
  const { seq, cause } = chronicle.columns;
  for (let row = cone.rows; row < chronicle.rows; row++) {
    const host = hostOf(chronicle, row);
    if (inFuture(cone, host, seq[row]!)) continue;
    const because = cause[row]!;
    if (!because || because < cone.seq) continue;
    const origin = chronicle.rowOf(because);
    if (origin < 0 || !inFuture(cone, hostOf(chronicle, origin), because)) continue;
    if (host === NONE) cone.futureExtra.add(seq[row]!);
    else cone.future[host] = seq[row]!;
  }
  cone.rows = chronicle.rows;
}
