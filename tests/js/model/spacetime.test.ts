import assert from "node:assert/strict";
import { test } from "node:test";
import { coneOf, inFuture, inPast, type Cone } from "../../../static/src/model/causality.ts";
import { Chronicle, Kind, NONE } from "../../../static/src/model/spacetime.ts";
import { Viewport } from "../../../static/src/model/viewport.ts";
import type { RunEvent } from "../../../static/src/model/types.ts";
import { below, flight, PROTOCOL, run, seeded, world0 } from "./generator.ts";

const HOSTS = ["n1", "n2", "n3", "n4", "n5", "c1", "c2"];

function chronicle(events: readonly RunEvent[], max?: number): Chronicle {
  const made = new Chronicle(HOSTS, PROTOCOL, max);
  made.insert(events);
  return made;
}

const rowsOf = (made: Chronicle): number[][] =>
  Object.entries(made.columns).map(([, column]) => Array.from((column as Uint8Array).subarray(0, made.rows)));

test("events inserted out of order, twice and in pieces give the rows of a run seen whole", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const { events } = run(seed, 120);
    const whole = chronicle(events);
    const pieces = new Chronicle(HOSTS, PROTOCOL);
    const draw = seeded(seed + 1000);
    for (let i = 0; i < 25; i++) {
      const from = below(draw, 110);
      pieces.insert(events.slice(from, from + 1 + below(draw, 30)));
    }
    for (let from = 0; from < 120; from += 40) pieces.insert(events.slice(from, from + 40));
    assert.deepEqual(rowsOf(pieces), rowsOf(whole));
    for (let host = 0; host < 5; host++) assert.deepEqual(pieces.changesOf(host, "role"), whole.changesOf(host, "role"));
    assert.deepEqual(pieces.changesOf(NONE, "groups"), whole.changesOf(NONE, "groups"));
    assert.deepEqual(pieces.lostAtSending, whole.lostAtSending);
  }
});

test("what held between two times is told by spans without gaps, right also before the first change", () => {
  const groups = [["n1"], ["n2"]];
  const made = chronicle([
    { seq: 1, time: 100, kind: "command", cause: 0, host: null, changes: [["groups", null, groups]] },
    { seq: 2, time: 300, kind: "command", cause: 0, host: null, changes: [["groups", groups, null]] },
  ]);
  assert.deepEqual(made.spans(NONE, "groups", 0, 400, null), [[0, 100, null], [100, 300, groups], [300, 400, null]]);
  assert.deepEqual(made.spans(NONE, "groups", 150, 200, null), [[150, 200, groups]]);
  assert.deepEqual(made.spans(2, "up", 0, 50, true), [[0, 50, true]]);
});

function long(count: number): RunEvent[] {
  const draw = seeded(9);
  const world = world0();
  return Array.from({ length: count }, (_, i) => {
    const seq = i + 1;
    const message = { ...flight(draw, world, Math.max(1, seq - 3), Math.max(0, seq - 3) * 1000), due: seq * 1000 };
    return { seq, time: seq * 1000, kind: "deliver" as const, cause: Math.max(1, seq - 3), host: message.dst, message };
  });
}

test("a window of 100,000 events touches only what it shows", () => {
  const made = chronicle(long(100_000), 131_072);
  assert.equal(made.rows, 100_000);
  const [first, end] = made.window(50_000_000, 50_100_000);
  assert.ok(end - first >= 100 && end - first < 120, `${end - first} rows`);
  assert.equal(made.columns.seq[made.rowOf(77_777)], 77_777);
  assert.equal(made.rowOf(100_001), -1);
});

test("the oldest rows go when there are too many, and what is left still answers", () => {
  const made = new Chronicle(HOSTS, PROTOCOL, 1000);
  const events = long(5000);
  for (let i = 0; i < events.length; i += 50) made.insert(events.slice(i, i + 50));
  assert.ok(made.rows <= 1000);
  assert.equal(made.columns.seq[made.rows - 1], 5000);
  assert.equal(made.rowOf(10), -1);
  assert.deepEqual(made.gapIn(0, 4_000_000)?.[1], made.columns.seq[0]! - 1);
});

test("a gap in sight is found, and none where there is none", () => {
  const events = long(400);
  const made = chronicle(events.slice(0, 100));
  made.insert(events.slice(200));
  assert.deepEqual(made.gapIn(50_000, 250_000), [101, 200]);
  assert.equal(made.gapIn(210_000, 390_000), null);
  assert.equal(made.gapIn(10_000, 90_000), null);
});

/** Everything reachable by the definition, without any cleverness. */
function reachable(events: readonly RunEvent[], from: number, forward: boolean): Set<number> {
  const edges = new Map<number, number[]>();
  const link = (a: number, b: number): void => void edges.set(forward ? a : b, [...(edges.get(forward ? a : b) ?? []), forward ? b : a]);
  const last = new Map<string, number>();
  for (const event of events) {
    if (event.cause) link(event.cause, event.seq);
    if (event.kind === "lost" || event.host === null) continue;
    const before = last.get(event.host);
    if (before) link(before, event.seq);
    last.set(event.host, event.seq);
  }
  const seen = new Set([from]);
  const queue = [from];
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    for (const next of edges.get(at) ?? []) {
      if (seen.has(next)) continue;
      seen.add(next);
      queue.push(next);
    }
  }
  return seen;
}

function members(made: Chronicle, cone: Cone, test: typeof inPast): Set<number> {
  const { seq, host, kind } = made.columns;
  const found = new Set<number>();
  for (let row = 0; row < made.rows; row++) {
    if (test(cone, kind[row] === Kind.lost ? NONE : host[row]!, seq[row]!)) found.add(seq[row]!);
  }
  return found;
}

test("causal past and future are those of the definition, on random runs", () => {
  for (let seed = 1; seed <= 60; seed++) {
    const { events } = run(seed, 150);
    const made = chronicle(events);
    const draw = seeded(seed);
    for (let i = 0; i < 10; i++) {
      const seq = 1 + below(draw, 150);
      const cone = coneOf(made, seq, null)!;
      assert.deepEqual([...members(made, cone, inPast)], [...reachable(events, seq, false)].sort((a, b) => a - b), `past of ${seq}, seed ${seed}`);
      assert.deepEqual([...members(made, cone, inFuture)], [...reachable(events, seq, true)].sort((a, b) => a - b), `future of ${seq}, seed ${seed}`);
    }
  }
});

test("a future grows with the run as if it were computed anew", () => {
  const { events } = run(4, 300);
  const made = chronicle(events.slice(0, 100));
  let cone = coneOf(made, 40, null);
  for (let i = 100; i < 300; i += 20) {
    made.insert(events.slice(i, i + 20));
    cone = coneOf(made, 40, cone);
  }
  assert.deepEqual([...members(made, cone!, inFuture)], [...reachable(events, 40, true)].sort((a, b) => a - b));
});

test("the viewport follows the present until somebody pans back, and again at the end", () => {
  const view = new Viewport(1000);
  view.follow(5000);
  assert.equal(view.to, 5100);
  view.pan(-0.5, 5000);
  assert.equal(view.following, false);
  const { from } = view;
  view.follow(6000);
  assert.equal(view.from, from);
  view.pan(1e9, 6000);
  assert.equal(view.following, true);
});

test("zooming keeps the time under the pointer where it is", () => {
  const view = new Viewport(1000);
  view.from = 2000;
  const before = view.x(2300, 800);
  view.zoom(0.5, 2300);
  assert.ok(Math.abs(view.x(2300, 800) - before) < 1e-9 || view.span === Viewport.SPAN_MIN);
});

test("a window of time is told as it was chosen, and shown again with what is selected out of sight", () => {
  const view = new Viewport(800_000);
  const now = () => view.told;
  view.follow(2_000_000);
  assert.equal(now(), null);
  view.zoom(0.5, 2_000_000);
  assert.deepEqual(now(), { span: 400_000 });
  view.pan(-1, 2_000_000);
  const told = now()!;
  assert.equal(told.from, Math.round(view.from));
  const other = new Viewport();
  other.show(told, true);
  other.follow(5_000_000);
  assert.deepEqual(other.told, told);
  other.reveal(90);
  assert.deepEqual(other.told, told, "selected with it");
  other.reveal(90);
  assert.notDeepEqual(other.told, told, "selected later");
  assert.ok(other.from <= 90 && other.to >= 90);
});
