/**
 * What clients asked and what came back, from the welcome and from `Invoked` / `Returned` indications in events.
 *
 * Kept once per branch; `at(seq)` shows them as they were known at an event, so that stepping back takes answers back.
 */

import type { ClientOperation, Operation, RunEvent, Value } from "./types";

export const OPERATIONS_MAX = 1000;

/** How many operations of a client are in sight at first. */
const OPERATIONS_SEEN = 5;

/**
 * A span of time (µs) in which the last few operations of each of that many clients lie, and at least `least`. It goes in
 * steps of 1, 2 and 5, so that it changes seldom while the run goes on.
 */
export function spanOfLast(operations: readonly Operation[], clients: number, now: number, least: number): number {
  const seen = operations.slice(-OPERATIONS_SEEN * clients);
  const wanted = seen.length ? (now - seen[0]!.invoked) * 1.2 : 0;
  if (wanted <= least) return least;
  const power = 10 ** Math.floor(Math.log10(wanted));
  return [1, 2, 5, 10].map((step) => step * power).find((span) => span >= wanted)!;
}

export class Operations {
  private all = new Map<string, Operation>();

  constructor(known: readonly Operation[] = []) {
    this.replace(known);
  }

  /** Takes a complete list from the server (after a jump). */
  replace(known: readonly Operation[]): void {
    this.all = new Map(known.slice(-OPERATIONS_MAX).map((operation) => [operation.id, { ...operation }]));
  }

  /** Reads client indications; true when there were any. */
  take(events: readonly RunEvent[]): boolean {
    let found = false;
    for (const event of events) {
      for (const indication of event.indications ?? []) {
        if (typeof indication.id !== "string" && typeof indication.id !== "number") continue;
        const id = String(indication.id);
        if (indication.type === "Invoked" && event.host) {
          this.invoked(id, event, indication.operation as unknown as ClientOperation);
          found = true;
        } else if (indication.type === "Returned") {
          this.returned(id, event, indication.outcome, indication.result ?? null);
          found = true;
        }
      }
    }
    return found;
  }

  private invoked(id: string, event: RunEvent, operation: ClientOperation): void {
    const known = this.all.get(id);
    if (known && known.invoked_seq === event.seq) return;
    this.all.set(id, {
      id,
      client: event.host!,
      operation,
      invoked: event.time,
      invoked_seq: event.seq,
      returned: null,
      returned_seq: null,
      outcome: null,
      result: null,
    });
    if (this.all.size > OPERATIONS_MAX) this.all.delete(this.all.keys().next().value!);
  }

  private returned(id: string, event: RunEvent, outcome: Value | undefined, result: Value): void {
    const known = this.all.get(id);
    if (!known) return;
    const told = outcome === "ok" || outcome === "failed" || outcome === "unknown" ? outcome : null;
    this.all.set(id, { ...known, returned: event.time, returned_seq: event.seq, outcome: told, result });
  }

  /** The operations as known right after event `seq`, oldest first. */
  at(seq: number): Operation[] {
    const found: Operation[] = [];
    for (const operation of this.all.values()) {
      if (operation.invoked_seq > seq) continue;
      const open = operation.returned_seq !== null && operation.returned_seq > seq;
      found.push(open ? { ...operation, returned: null, returned_seq: null, outcome: null, result: null } : operation);
    }
    return found;
  }

  truncateAfter(seq: number): void {
    const kept = this.at(seq);
    this.all = new Map(kept.map((operation) => [operation.id, operation]));
  }
}
