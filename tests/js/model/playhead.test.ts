import assert from "node:assert/strict";
import { test } from "node:test";
import { Playhead, STEP_MS, TICK_MS, type Move } from "../../../static/src/model/playhead.ts";
import type { RunEvent } from "../../../static/src/model/types.ts";
import { seeded } from "./generator.ts";

const event = (seq: number, time: number): RunEvent => ({ seq, time, kind: "timer", cause: 0, host: "n1" });
const forward = (seq: number, time: number): Move => ({ event: event(seq, time), forward: true });
const back = (seq: number, time: number): Move => ({ event: event(seq, time), forward: false });

/** Plays five seconds at a ratio, updates arriving up to `jitter` ms late; returns what each frame showed. */
function play(ratio: number, jitter: number, seed: number): { wall: number; t: number; moves: Move[]; now: number }[] {
  const draw = seeded(seed);
  const head = new Playhead(0);
  const arrivals: { wall: number; now: number; moves: Move[] }[] = [];
  let seq = 0;
  for (let tick = 1; tick <= 100; tick++) {
    const now = Math.round((tick * TICK_MS * 1000) / ratio);
    const before = Math.round(((tick - 1) * TICK_MS * 1000) / ratio);
    const moves = [forward(++seq, Math.round(before + (now - before) * 0.3)), forward(++seq, now)];
    arrivals.push({ wall: tick * TICK_MS + draw() * jitter, now, moves });
  }
  arrivals.sort((a, b) => a.now - b.now);
  for (let i = 1; i < arrivals.length; i++) arrivals[i]!.wall = Math.max(arrivals[i]!.wall, arrivals[i - 1]!.wall);
  const frames = [];
  let next = 0;
  for (let wall = 0; wall < 5000; wall += 16.7) {
    const moves: Move[] = [];
    while (next < arrivals.length && arrivals[next]!.wall <= wall) {
      const { now, moves: waiting, wall: at } = arrivals[next++]!;
      moves.push(...head.receive({ now, playing: true, ratio, moves: waiting }, at));
    }
    moves.push(...head.advance(wall));
    frames.push({ wall, t: head.t, moves, now: next ? arrivals[next - 1]!.now : 0 });
  }
  return frames;
}

for (const ratio of [1, 10, 1000]) {
  test(`at 1:${ratio} the displayed time never goes back, never passes what is known, and keeps its distance`, () => {
    for (let seed = 1; seed <= 20; seed++) {
      const frames = play(ratio, 25, seed);
      for (let i = 1; i < frames.length; i++) {
        assert.ok(frames[i]!.t >= frames[i - 1]!.t, `frame ${i} went back`);
        assert.ok(frames[i]!.t <= frames[i]!.now, `frame ${i} shows what is not known yet`);
        for (const { event: shown } of frames[i]!.moves) assert.ok(shown.time <= frames[i]!.t, "an event before its time");
      }
      for (const { wall, t } of frames.slice(120, 290)) {
        const behind = wall - (t * ratio) / 1000;
        assert.ok(behind > 40 && behind < 160, `${behind} ms behind`);
      }
      const order = frames.flatMap((frame) => frame.moves.map((move) => move.event.seq));
      assert.deepEqual(order, order.map((_, i) => i + 1));
    }
  });
}

test("playing is smooth: no frame stands still or leaps, though updates come in ticks", () => {
  const frames = play(10, 20, 3).slice(60, 280);
  const steps = frames.slice(1).map((frame, i) => frame.t - frames[i]!.t);
  const mean = steps.reduce((a, b) => a + b, 0) / steps.length;
  assert.ok(Math.min(...steps) > mean * 0.3, `slowest ${Math.min(...steps)} of ${mean}`);
  assert.ok(Math.max(...steps) < mean * 2.2, `fastest ${Math.max(...steps)} of ${mean}`);
});

test("a step is seen as a flight of about 400 ms, and the event happens at its end", () => {
  const head = new Playhead(1000);
  head.advance(0);
  head.receive({ now: 21_000, playing: false, ratio: 10, moves: [forward(5, 21_000)] }, 0);
  assert.deepEqual(head.advance(STEP_MS / 2), []);
  assert.ok(head.t > 5000 && head.t < 17_000);
  assert.ok(head.moving);
  const moves = head.advance(STEP_MS + 1);
  assert.deepEqual(moves.map((move) => move.event.seq), [5]);
  assert.equal(head.t, 21_000);
  assert.equal(head.moving, false);
});

test("a step back undoes the event at once and flies back", () => {
  const head = new Playhead(21_000);
  head.advance(0);
  head.receive({ now: 1000, playing: false, ratio: 10, moves: [back(5, 21_000)] }, 0);
  assert.deepEqual(head.advance(30).map((move) => move.event.seq), [5]);
  assert.ok(head.t < 21_000 && head.t > 1000);
  head.advance(STEP_MS + 1);
  assert.equal(head.t, 1000);
});

test("several events of one instant are stepped one at a time without waiting", () => {
  const head = new Playhead(500);
  assert.deepEqual(head.receive({ now: 500, playing: false, ratio: 10, moves: [forward(2, 500)] }, 0).map((move) => move.event.seq), [2]);
  assert.equal(head.moving, false);
});

test("where motion is not wanted a step is there at once", () => {
  const head = new Playhead(0);
  head.reduced = true;
  assert.equal(head.receive({ now: 9000, playing: false, ratio: 10, moves: [forward(1, 9000)] }, 0).length, 1);
  assert.equal(head.t, 9000);
  assert.equal(head.moving, false);
});

test("pause means now: what is shown stands still within a tenth of a second and nothing waits", () => {
  const head = new Playhead(0);
  for (let wall = 0; wall <= 1000; wall += 10) {
    if (wall % TICK_MS === 0) head.receive({ now: wall * 100, playing: true, ratio: 10, moves: [] }, wall);
    head.advance(wall);
  }
  head.receive({ now: 101_000, playing: false, ratio: 10, moves: [forward(1, 100_500)] }, 1010);
  const moves = head.advance(1110);
  assert.equal(head.t, 101_000);
  assert.equal(moves.length, 1);
  assert.equal(head.moving, false);
});

test("a tab in the background, which draws no frames, does not pile up events", () => {
  const head = new Playhead(0);
  head.advance(0);
  let applied = 0;
  for (let tick = 1; tick <= 1000; tick++) {
    const moves = [forward(tick, tick * 50_000)];
    applied += head.receive({ now: tick * 50_000, playing: true, ratio: 1, moves }, tick * 50).length;
  }
  assert.ok(applied >= 999, `${applied} of 1000 applied`);
});

test("a step and its opposite before a frame is drawn are nothing", () => {
  const head = new Playhead(0);
  head.receive({ now: 9000, playing: false, ratio: 10, moves: [forward(1, 9000)] }, 0);
  head.receive({ now: 0, playing: false, ratio: 10, moves: [back(1, 9000)] }, 5);
  assert.deepEqual(head.advance(1000), []);
  assert.equal(head.t, 0);
});

test("an undo is not made good by another event of the same number", () => {
  const head = new Playhead(9000);
  const moves = head.receive({ now: 0, playing: false, ratio: 10, moves: [back(1, 9000)] }, 0);
  const command: Move = { event: { ...event(1, 9000), kind: "command" }, forward: true };
  moves.push(...head.receive({ now: 9000, playing: false, ratio: 10, moves: [command] }, 5), ...head.advance(1000));
  assert.deepEqual(moves.map((move) => move.forward), [false, true]);
});

test("playing on in the middle of a step back loses no event", () => {
  const head = new Playhead(20_000);
  head.advance(0);
  head.receive({ now: 0, playing: false, ratio: 10, moves: [back(2, 15_000), back(1, 10_000)] }, 0);
  const first = head.advance(60);
  const second = head.receive({ now: 5000, playing: true, ratio: 10, moves: [] }, 70);
  assert.deepEqual([...first, ...second].map((move) => move.event.seq), [2, 1]);
});
