import assert from "node:assert/strict";
import { test } from "node:test";
import { EventStore } from "../../../static/src/model/events.ts";
import type { RunEvent } from "../../../static/src/model/types.ts";
import { below, seeded } from "./generator.ts";

const event = (seq: number): RunEvent => ({ seq, time: seq * 10, kind: "timer", cause: 0, host: "n1" });
const span = (from: number, to: number): RunEvent[] => Array.from({ length: to - from + 1 }, (_, i) => event(from + i));
const seqs = (events: readonly RunEvent[]): number[] => events.map((one) => one.seq);

test("spans inserted in any order read as if they had come in order", () => {
  for (let seed = 1; seed <= 100; seed++) {
    const draw = seeded(seed);
    const store = new EventStore(10_000);
    const known = new Set<number>();
    for (let i = 0; i < 20; i++) {
      const from = 1 + below(draw, 200);
      const to = from + below(draw, 30);
      store.insert(span(from, to));
      for (let seq = from; seq <= to; seq++) known.add(seq);
      const [a, b] = [1 + below(draw, 150), 60 + below(draw, 200)];
      const wanted = [...known].filter((seq) => seq >= a && seq <= b).sort((x, y) => x - y);
      assert.deepEqual(seqs(store.range(a, b)), wanted);
      const gaps = store.missing(a, b).flatMap(([x, y]) => seqs(span(x, y)));
      assert.deepEqual([...wanted, ...gaps].sort((x, y) => x - y), a <= b ? seqs(span(a, b)) : []);
      assert.equal(store.size, known.size);
    }
    for (let seq = 0; seq <= 240; seq++) assert.equal(store.get(seq)?.seq, known.has(seq) ? seq : undefined);
  }
});

test("the event at a time is the last one not after it", () => {
  const store = new EventStore();
  store.insert(span(1, 50));
  store.insert(span(80, 90));
  assert.equal(store.atTime(9), undefined);
  assert.equal(store.atTime(10)?.seq, 1);
  assert.equal(store.atTime(259)?.seq, 25);
  assert.equal(store.atTime(799)?.seq, 50);
  assert.equal(store.atTime(805)?.seq, 80);
  assert.equal(store.atTime(1e9)?.seq, 90);
});

test("the store never grows beyond its bound and keeps what lies near the newest insertion", () => {
  const store = new EventStore(1000);
  for (let seq = 1; seq <= 20_000; seq += 5) store.insert(span(seq, seq + 4));
  assert.ok(store.size <= 1000);
  assert.equal(store.last, 20_000);
  store.insert(span(3, 300));
  assert.ok(store.size <= 1000);
  assert.ok(store.has(150));
});

test("another branch forgets what came after the fork and nothing else", () => {
  const store = new EventStore();
  store.insert(span(1, 50));
  store.insert(span(60, 90));
  store.truncateAfter(45);
  assert.equal(store.last, 45);
  assert.equal(store.size, 45);
  store.truncateAfter(0);
  assert.equal(store.size, 0);
  assert.equal(store.last, 0);
});
