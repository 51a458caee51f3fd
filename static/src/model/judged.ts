/**
 * What is known of the order of clients' operations, and which of them can't be put into any: facts by the event at which
 * they became known, so that going back shows what was known then. Pure.
 */

import type { JudgedFact, Operation } from "./types";

export const FACTS_MAX = 2000;

export interface Order {
  /** The place of the first id that is known; what stands before was told before this browser came. */
  from: number;
  ids: string[];
}

export interface Known {
  orders: Map<string, Order>;
  /** Operations that can't be explained, with the events at which that was known. */
  errors: Map<string, number>;
  /** Keys of which nothing more is said. */
  givenUp: Set<string>;
}

const nothing = (): Known => ({ orders: new Map(), errors: new Map(), givenUp: new Set() });

export class Judged {
  private facts: JudgedFact[] = [];
  private known: { seq: number; facts: number; version: number; found: Known } | null = null;
  private version = 0;

  constructor(facts: readonly JudgedFact[] = []) {
    this.reset(facts);
  }

  reset(facts: readonly JudgedFact[]): void {
    this.facts = [...facts];
    this.version++;
  }

  append(facts: readonly JudgedFact[]): void {
    this.facts.push(...facts);
    if (this.facts.length > FACTS_MAX) {
      this.facts.splice(0, FACTS_MAX / 4);
      this.version++;
    }
  }

  truncateAfter(seq: number): void {
    this.facts = this.facts.filter((fact) => fact[0] <= seq);
    this.version++;
  }

  /** What was known right after event `seq`. */
  at(seq: number): Known {
    const { known, facts } = this;
    const goesOn = known !== null && known.version === this.version && known.seq <= seq;
    const found = goesOn ? known.found : nothing();
    let next = goesOn ? known.facts : 0;
    for (; next < facts.length && facts[next]![0] <= seq; next++) take(found, facts[next]!);
    this.known = { seq, facts: next, version: this.version, found };
    return found;
  }
}

function take(known: Known, fact: JudgedFact): void {
  const key = fact[2] ?? "";
  if (fact[1] === "error") known.errors.set(fact[3], fact[0]);
  else if (fact[1] === "given_up") known.givenUp.add(key);
  else {
    const [, , , keep, ids] = fact;
    const before = known.orders.get(key) ?? { from: keep, ids: [] };
    const from = Math.min(before.from, keep);
    known.orders.set(key, { from, ids: [...before.ids.slice(0, Math.max(0, keep - before.from)), ...ids] });
    const order = known.orders.get(key)!;
    if (order.ids.length > FACTS_MAX) known.orders.set(key, { from: order.from + FACTS_MAX / 2, ids: order.ids.slice(FACTS_MAX / 2) });
  }
}

/**
 * A moment for each operation of an order at which it may have taken effect: after its invocation and that of all before
 * it, before its return and that of all after it; in the middle of what that leaves, those with the same room evenly.
 */
export function pointsOf(order: readonly Operation[]): Map<string, number> {
  const low: number[] = [];
  const high: number[] = [];
  order.forEach((operation, i) => low.push(Math.max(operation.invoked, low[i - 1] ?? -Infinity)));
  for (let i = order.length - 1; i >= 0; i--) {
    const { returned, outcome } = order[i]!;
    const end = returned !== null && outcome === "ok" ? returned : Infinity;
    high[i] = Math.min(end, high[i + 1] ?? Infinity);
  }
  const points = new Map<string, number>();
  let last = -Infinity;
  for (let i = 0; i < order.length; ) {
    let end = i + 1;
    while (end < order.length && low[end] === low[i] && high[end] === high[i]) end++;
    const room = Number.isFinite(high[i]!) ? high[i]! - low[i]! : 0;
    for (let j = i; j < end; j++) {
      last = Math.max(last, low[i]! + (room * (j - i + 1)) / (end - i + 1));
      points.set(order[j]!.id, Math.min(last, high[i]!));
    }
    i = end;
  }
  return points;
}

/** How an operation stands: explained, in conflict, or neither yet. */
export interface Standing {
  operation: Operation;
  key: string;
  /** Its place in the order of its key, from 1. */
  place: number | null;
  point: number | null;
  error: boolean;
  /** The errors that it contradicts, it being part of why they can't be explained. */
  against: string[];
}

export function keyOf(operation: Operation): string {
  const { key } = operation.operation;
  return typeof key === "string" ? key : "";
}

/** Every operation with its place; `parts` says for errors what contradicts them. */
export function standings(operations: readonly Operation[], known: Known, parts: Record<string, string[]>): Standing[] {
  const byId = new Map(operations.map((operation) => [operation.id, operation]));
  const places = new Map<string, number>();
  const points = new Map<string, number>();
  for (const { from, ids } of known.orders.values()) {
    ids.forEach((id, i) => places.set(id, from + i + 1));
    const order = ids.flatMap((id) => byId.get(id) ?? []);
    for (const [id, point] of pointsOf(order)) points.set(id, point);
  }
  const against = new Map<string, string[]>();
  for (const error of known.errors.keys()) {
    for (const id of parts[error] ?? []) if (id !== error) against.set(id, [...(against.get(id) ?? []), error]);
  }
  return operations.map((operation) => ({
    operation,
    key: keyOf(operation),
    place: places.get(operation.id) ?? null,
    point: points.get(operation.id) ?? null,
    error: known.errors.has(operation.id),
    against: against.get(operation.id) ?? [],
  }));
}

/** Event `seq`, if it is the one in which the operation was invoked or in which it returned. */
export function standingEvent({ operation }: Standing, seq: number | null): number | null {
  return seq !== null && (seq === operation.invoked_seq || seq === operation.returned_seq) ? seq : null;
}
