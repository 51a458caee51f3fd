import assert from "node:assert/strict";
import { test } from "node:test";
import { EventStore } from "../../../static/src/model/events.ts";
import type { RoomModel } from "../../../static/src/model/room.ts";
import type { RunEvent } from "../../../static/src/model/types.ts";
import type { Reply } from "../../../static/src/socket.ts";
import { History } from "../../../static/src/ui/history.ts";
import { event } from "./scene.ts";

const span = (from: number, to: number): RunEvent[] => Array.from({ length: to - from + 1 }, (_, i) => event({ seq: from + i }));

function setting(refuse = false) {
  const later: (() => void)[] = [];
  const store = new EventStore();
  const entries: unknown[] = [];
  const kept = { insertEvents: (events: RunEvent[]) => store.insert(events), insertEntries: (...told: unknown[]) => entries.push(told) };
  const model = { branch: 0, head: 900, world: { seq: 5 }, store, ...kept } as unknown as RoomModel;
  const asked: Record<string, unknown>[] = [];
  let wall = 0;
  const ask = async (frame: Record<string, unknown>): Promise<Reply> => {
    asked.push(frame);
    if (refuse) return { type: "reply", id: 1, ok: false, code: "too_fast" };
    return { type: "reply", id: 1, ok: true, events: span(Number(frame.from), Number(frame.to)) };
  };
  const history = new History(ask, () => model, () => undefined, () => wall, (act) => void later.push(act));
  return { history, asked, store, model, entries, later, pass: (ms: number) => (wall += ms), answer: () => (refuse = false) };
}

test("only what is missing is asked for", async () => {
  const { history, asked, store } = setting();
  store.insert(span(100, 200));
  await history.events(90, 210);
  assert.deepEqual(asked.map((frame) => [frame.from, frame.to]), [[90, 99], [201, 210]]);
  await history.events(90, 210);
  assert.equal(asked.length, 2);
});

test("nothing is asked for before the first event or after the last one", async () => {
  const { history, asked } = setting();
  await history.around(20);
  await history.around(890);
  assert.deepEqual(asked.map((frame) => [frame.from, frame.to]), [[1, 120], [790, 900]]);
});

test("one question holds a page at most", async () => {
  const { history, asked } = setting();
  await history.events(1, 900);
  assert.deepEqual(asked.map((frame) => [frame.from, frame.to]), [[1, 500]]);
});

test("the same question is not asked twice at once", async () => {
  const { history, asked } = setting();
  await Promise.all([history.events(1, 10), history.events(1, 10)]);
  assert.equal(asked.length, 1);
});

test("what was refused is asked for again, but not in every frame", async () => {
  const { history, asked, pass } = setting(true);
  for (let frame = 0; frame < 100; frame++) {
    await history.events(1, 10);
    pass(16);
  }
  assert.equal(asked.length, 1);
  pass(2_000);
  await history.events(1, 10);
  assert.equal(asked.length, 2);
});

test("what no answer came to is asked for again by itself, a few times", async () => {
  const { history, asked, later, pass } = setting(true);
  await history.before(50);
  for (let tries = 2; tries <= 5; tries++) {
    assert.equal(later.length, 1);
    pass(2_001);
    later.shift()!();
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();
    assert.equal(asked.length, tries);
  }
  assert.equal(later.length, 0);
});

test("when the answer comes at last it is taken, and nothing more is asked", async () => {
  const { history, asked, later, pass, answer, store } = setting(true);
  await history.before(50);
  answer();
  pass(2_001);
  later.shift()!();
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  assert.deepEqual([asked.length, later.length, store.size], [2, 0, 50]);
});

test("what was asked of one branch is not put into another", async () => {
  const { history, asked, model, store, entries } = setting();
  const waiting = [history.events(1, 10), history.entries("n1", "log", 0, 5)];
  assert.deepEqual(asked.map((frame) => frame.branch), [0, 0]);
  model.branch = 1;
  await Promise.all(waiting);
  assert.equal(store.size, 0);
  assert.deepEqual(entries, []);
  await history.entries("n1", "log", 0, 5);
  assert.equal(entries.length, 1);
});
