import assert from "node:assert/strict";
import { test } from "node:test";
import { Operations, OPERATIONS_MAX } from "../../../static/src/model/operations.ts";
import { apply, copyWorld } from "../../../static/src/model/reducer.ts";
import { RoomModel } from "../../../static/src/model/room.ts";
import { Chronicle } from "../../../static/src/model/spacetime.ts";
import type { RunEvent, Update, World } from "../../../static/src/model/types.ts";
import { run, welcome } from "./generator.ts";

const { first, events } = run(11, 200);

function worldAt(seq: number): World {
  const world = copyWorld(first);
  for (const event of events.slice(0, seq)) apply(world, event);
  return world;
}

function update(model: RoomModel, part: Partial<Update>): Update {
  const { epoch, now, cursor, head, branch, playing, ratio, until } = model;
  return { type: "update", epoch, seq: model.seq + 1, now, cursor, head, branch, playing, ratio, until, ...part };
}

function step(model: RoomModel, to: number, wall: number): void {
  const moved = events.slice(model.cursor, to);
  const back = events.slice(to, model.cursor).reverse();
  const now = to ? events[to - 1]!.time : 0;
  const part = { now, cursor: to, head: Math.max(model.head, to), ...(moved.length ? { events: moved } : {}), ...(back.length ? { back } : {}) };
  assert.equal(model.receive(update(model, part), wall), "applied");
  model.advance(wall + 500);
}

test("updates out of order are a gap or stale, and change nothing", () => {
  const model = new RoomModel(welcome(worldAt(50)));
  assert.equal(model.receive({ ...update(model, { cursor: 51 }), seq: model.seq + 2 }, 0), "gap");
  assert.equal(model.receive({ ...update(model, { cursor: 51 }), seq: model.seq }, 0), "stale");
  assert.equal(model.receive({ ...update(model, { cursor: 51 }), epoch: "other" }, 0), "gap");
  assert.equal(model.cursor, 50);
});

test("stepping to and fro shows at each event the world that a run straight there has", () => {
  const model = new RoomModel(welcome(worldAt(50)));
  let wall = 0;
  for (const to of [51, 52, 51, 50, 60, 55, 120, 119, 200]) {
    step(model, to, (wall += 1000));
    assert.deepEqual(model.world, worldAt(to), `at event ${to}`);
  }
});

test("a world that is jumped to replaces everything at once", () => {
  const model = new RoomModel(welcome(worldAt(50)));
  const jump = worldAt(150);
  model.receive(update(model, { jump, cursor: 150, head: 150, now: jump.time }), 0);
  assert.deepEqual(model.world, worldAt(150));
  assert.equal(model.t, jump.time);
});

test("a viewer looks around alone while the room goes on, and comes back to its present", () => {
  const model = new RoomModel(welcome(worldAt(50)));
  model.insertEvents(events.slice(0, 50));
  assert.equal(model.stepLocal(-1), true);
  assert.equal(model.stepLocal(-1), true);
  assert.equal(model.detached, true);
  assert.deepEqual(model.world, worldAt(48));
  step(model, 60, 0);
  assert.deepEqual(model.world, worldAt(48));
  assert.equal(model.stepLocal(1), true);
  assert.deepEqual(model.world, worldAt(49));
  model.goto(worldAt(20));
  assert.equal(model.world.seq, 20);
  model.attach();
  assert.deepEqual(model.world, worldAt(60));
});

test("a step of one's own without the event at hand says so and stays", () => {
  const model = new RoomModel(welcome(worldAt(50)));
  assert.equal(model.stepLocal(-1), false);
  assert.deepEqual(model.world, worldAt(50));
  model.insertEvents(events.slice(40, 50));
  assert.equal(model.stepLocal(-1), true);
});

test("acting in the past branches: what is shared stays, what came after is forgotten", () => {
  const branches = [{ id: 1, name: "main", parent: null, forked_at: 0, head: 200, forked_time: 0, time: 0, marks: [] }];
  const model = new RoomModel(welcome(worldAt(100), { branches, tape: [[90, 1, "commit", "n1", null]], head: 200 }));
  model.insertEvents(events);
  model.keepChronicle(Chronicle);
  assert.equal(model.chronicle.rows, events.length, "a chronicle begins with what is at hand");
  const forked = [...branches, { id: 2, name: "what if", parent: 1, forked_at: 100, head: 101, forked_time: 0, time: 0, marks: [] }];
  const act: RunEvent = { seq: 101, time: events[99]!.time, kind: "command", cause: 0, host: "n1", changes: [["rule", "majority", first.rules.majority!, false]] };
  model.receive(update(model, { branch: 2, branches: forked, events: [act], cursor: 101, head: 101 }), 0);
  assert.equal(model.store.last, 101);
  assert.equal(model.store.get(101)!.kind, "command");
  assert.equal(model.store.get(100)!.seq, 100);
  assert.equal(model.tape.marks.length, 1);
  assert.equal(model.chronicle.rows, 101);
});

test("acting before the last steps back have been drawn shows the new branch's world and nothing of the old one's", () => {
  const branches = [{ id: 1, name: "A", parent: null, forked_at: 0, head: 120, forked_time: 0, time: 0, marks: [] }];
  const forked = [...branches, { id: 2, name: "B", parent: 1, forked_at: 99, head: 100, forked_time: 0, time: 0, marks: [] }];
  const time = events[98]!.time;
  const act: RunEvent = { seq: 100, time, kind: "command", cause: 0, host: "n1", changes: [["host", "n1", "up", true, false]] };
  const truth = worldAt(99);
  apply(truth, act);
  for (const gap of [0, 30, 90, 200, 390]) {
    const model = new RoomModel(welcome(worldAt(100), { branches, head: 120 }));
    model.insertEvents(events.slice(0, 100));
    for (let seq = 101; seq <= 103; seq++) step(model, seq, seq * 1000);
    model.advance(200_000); // frames are drawn all the time
    for (let seq = 103; seq >= 100; seq--) {
      model.receive(update(model, { back: [events[seq - 1]!], cursor: seq - 1, now: events[seq - 2]!.time }), 200_000 + (103 - seq) * 10);
    }
    model.advance(200_030 + gap);
    model.receive(update(model, { branch: 2, branches: forked, events: [act], cursor: 100, head: 100, now: time }), 200_030 + gap);
    assert.ok(model.world.seq <= 100, "nothing of the old branch waits any more");
    for (let wall = 0; wall <= 1000; wall += 50) model.advance(200_060 + gap + wall);
    assert.deepEqual(model.world, truth, `${gap} ms after the last step back`);
  }
});

test("the state of a property is the one at the event shown", () => {
  const properties = { ElectionSafety: [[0, "holds"], [70, "broken", 68]] as [number, "holds" | "broken", number?][] };
  const model = new RoomModel(welcome(worldAt(100), { properties }));
  assert.deepEqual(model.property("ElectionSafety"), { state: "broken", since: 70, detail: 68 });
  assert.equal(model.property("ElectionSafety", 69).state, "holds");
  assert.equal(model.property("Leader").state, "waiting");
  model.receive(update(model, { properties: { Leader: [[101, "seen"]] } }), 0);
  assert.equal(model.property("Leader", 101).state, "seen");
});

test("listeners hear of their topic alone, until they leave", () => {
  const model = new RoomModel(welcome(worldAt(50)));
  let heard = 0;
  const leave = model.subscribe("selection", () => heard++);
  model.select({ kind: "host", host: "n1" });
  model.select({ kind: "host", host: "n1" });
  step(model, 51, 0);
  assert.equal(heard, 1);
  leave();
  model.select(null);
  assert.equal(heard, 1);
});

test("while playing, events happen on the screen when the displayed time reaches them", () => {
  const model = new RoomModel(welcome(first, { playing: true, ratio: 1 }));
  let sent = 0;
  for (let wall = 0; wall <= 1500; wall += 10) {
    if (wall % 50 === 0) {
      const now = wall * 1000;
      const upto = events.findIndex((event) => event.time > now);
      const cursor = upto < 0 ? events.length : upto;
      model.receive(update(model, { now, events: events.slice(sent, cursor), cursor, head: cursor, playing: true, ratio: 1 }), wall);
      sent = cursor;
    }
    model.advance(wall);
    assert.ok(model.world.time <= model.t);
    assert.ok((events[model.world.seq]?.time ?? Infinity) > model.t, "an event is overdue");
  }
});

test("a viewer acts when the controls are with all or with him, and the presenter always", () => {
  const you = { id: "v1", name: "Ada", role: "viewer" as const, may_control: false };
  const model = new RoomModel(welcome(worldAt(50), { you }));
  const seen = ["presenter", "v2", "v1", "all"].map((controls) => {
    model.receive(update(model, { controls }), 0);
    return model.mayControl;
  });
  assert.deepEqual(seen, [false, false, true, true]);
  assert.equal(new RoomModel(welcome(worldAt(50))).mayControl, true);
});

test("a partition separates its groups, and a host of no group talks to all", () => {
  const world = worldAt(0);
  world.groups = [["n1", "n2"], ["n3"]];
  const model = new RoomModel(welcome(world));
  assert.equal(model.separated("n1", "n3"), true);
  assert.equal(model.separated("n1", "n2"), false);
  assert.equal(model.separated("n1", "n5"), false);
});

/* ------------------------------------------------------------------ operations */

const invoked = (seq: number, id: string): RunEvent => ({
  seq, time: seq * 10, kind: "timer", cause: 0, host: "c1", indications: [{ type: "Invoked", id, operation: { name: "get", key: "x" }, to: "n1" }],
});
const returned = (seq: number, id: string): RunEvent => ({
  seq, time: seq * 10, kind: "deliver", cause: 0, host: "c1", indications: [{ type: "Returned", id, operation: { name: "get", key: "x" }, outcome: "ok", result: 7 }],
});

test("an answer is taken back with the step back over it", () => {
  const list = new Operations();
  list.take([invoked(5, "a"), invoked(6, "b"), returned(9, "a")]);
  assert.deepEqual(list.at(9).map(({ id, outcome, result }) => [id, outcome, result]), [["a", "ok", 7], ["b", null, null]]);
  assert.equal(list.at(8)[0]!.outcome, null);
  assert.deepEqual(list.at(5).map(({ id }) => id), ["a"]);
  list.take([invoked(5, "a"), returned(9, "a")]);
  assert.equal(list.at(9).length, 2);
  list.truncateAfter(8);
  assert.equal(list.at(99)[0]!.returned_seq, null);
});

test("operations are bounded, the oldest go first", () => {
  const list = new Operations();
  for (let seq = 1; seq <= OPERATIONS_MAX + 50; seq++) list.take([invoked(seq, `o${seq}`)]);
  const known = list.at(Infinity);
  assert.equal(known.length, OPERATIONS_MAX);
  assert.equal(known[0]!.id, "o51");
});
