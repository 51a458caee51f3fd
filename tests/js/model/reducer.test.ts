import assert from "node:assert/strict";
import { test } from "node:test";
import { apply, copyWorld, LOG_ITEMS_MAX, spliced, trimLogs, unapply, widened } from "../../../static/src/model/reducer.ts";
import type { LogWindow, World } from "../../../static/src/model/types.ts";
import { run, world0 } from "./generator.ts";

test("forward, back and forward again give equal worlds after every event of 200 random runs", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const { first, events } = run(seed, 60);
    const world = copyWorld(first);
    const seen: World[] = [structuredClone(world)];
    for (const event of events) {
      apply(world, event);
      seen.push(structuredClone(world));
    }
    for (let i = events.length - 1; i >= 0; i--) {
      unapply(world, events[i]!, i ? events[i - 1]!.time : 0);
      assert.deepEqual(world, seen[i], `seed ${seed}, back over event ${i + 1}`);
    }
    for (const event of events) {
      apply(world, event);
      assert.deepEqual(world, seen[event.seq], `seed ${seed}, forward again over event ${event.seq}`);
    }
  }
});

test("a copy of a world does not change with it", () => {
  const { first, events } = run(7, 80);
  const world = copyWorld(first);
  for (const event of events.slice(0, 40)) apply(world, event);
  const copy = copyWorld(world);
  const frozen = structuredClone(copy);
  for (const event of events.slice(40)) apply(world, event);
  assert.deepEqual(copy, frozen);
});

test("what an event does not touch stays the same object", () => {
  const world = world0();
  const { n1, n2 } = world.hosts;
  apply(world, { seq: 1, time: 5, kind: "timer", cause: 0, host: "n1", changes: [["state", "n1", "current_term", 0, 1]] });
  assert.notEqual(world.hosts.n1, n1);
  assert.equal(world.hosts.n2, n2);
});

test("a duplicate enters flight beside its original and leaves with the step back", () => {
  const world = world0();
  const original = { id: 1, src: "n1", dst: "n2", type: "RequestVote", body: {}, of: null, sent: 0, sent_seq: 1, leg: 0, place: 0, due: 100, left: null };
  apply(world, { seq: 1, time: 0, kind: "timer", cause: 0, host: "n1", sent: [original] });
  const before = structuredClone(world);
  const event = { seq: 2, time: 40, kind: "command" as const, cause: 0, host: null, sent: [{ ...original, id: 2, of: 1, leg: 40, place: 400 }] };
  apply(world, event);
  assert.deepEqual(Object.keys(world.flights), ["1", "2"]);
  unapply(world, event, 0);
  assert.deepEqual(world, before);
});

const log = (from: number, length: number): LogWindow => ({ log: true, from, length, items: Array.from({ length: length - from }, (_, i) => ({ term: 1, at: from + i })) });

test("a log window that is cut below its beginning knows more after undoing, never less", () => {
  const whole = log(0, 10).items;
  const short = spliced(log(6, 10), 4, [{ term: 2, at: 4 }]);
  assert.deepEqual(short, { log: true, from: 4, length: 5, items: [{ term: 2, at: 4 }] });
  const back = spliced(short, 4, whole.slice(4));
  assert.deepEqual(back, { log: true, from: 4, length: 10, items: whole.slice(4) });
});

test("fetched entries join a window only where they touch it", () => {
  const known = log(6, 10);
  assert.deepEqual(widened(known, 2, log(0, 10).items.slice(2, 6)), log(2, 10));
  assert.deepEqual(widened(known, 2, log(0, 10).items.slice(2, 8)), log(2, 10));
  assert.equal(widened(known, 0, log(0, 10).items.slice(0, 4)), known);
  assert.equal(widened(known, 7, []), known);
});

test("a log of a million entries keeps a bounded window", () => {
  const world = world0();
  world.hosts.n1 = { ...world.hosts.n1!, state: { ...world.hosts.n1!.state, log: log(1_000_000 - LOG_ITEMS_MAX - 1, 1_000_000) } };
  trimLogs(world);
  const kept = world.hosts.n1.state.log as LogWindow;
  assert.ok(kept.items.length <= LOG_ITEMS_MAX / 2);
  assert.equal(kept.from + kept.items.length, 1_000_000);
  assert.equal(kept.items[0]!.at, kept.from);
});
