// The page's model against the server's rooms: sessions that `tests/support/fixtures.py` wrote.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Judged } from "../../../static/src/model/judged.ts";
import { RoomModel } from "../../../static/src/model/room.ts";
import { type JudgedFact, type Mark, type PropertyChange, type Update, type Welcome, type World } from "../../../static/src/model/types.ts";
import { fixturesOf, same } from "./fixtures.ts";

interface Session {
  name: string;
  welcome: Welcome;
  updates: Update[];
  shown: { world: World | null; tape: Mark[]; properties: Record<string, PropertyChange[]>; judged: JudgedFact[]; parts: Record<string, string[]> | null }[];
}

const sessions = fixturesOf<Session>("session_");

/** Feeds a model a session, 50 ms a tick, a frame every 10 ms; at rest it waits for the animation to end. */
function play({ name, welcome, updates, shown }: Session, look: (model: RoomModel, at: string, i: number) => void): void {
  const model = new RoomModel(welcome);
  let wall = 0;
  updates.forEach((update, i) => {
    const at = `${name}, update ${update.seq}`;
    assert.equal(model.receive(update, wall), "applied", at);
    const until = shown[i]!.world ? wall + 1000 : wall + 50;
    for (; wall <= until; wall += 10) model.advance(wall);
    look(model, at, i);
  });
}

test("at rest the page shows the room's world and time, whatever people did", () => {
  let compared = 0;
  for (const session of sessions) {
    play(session, (model, at, i) => {
      const { world } = session.shown[i]!;
      if (!world) return;
      same(model.world, world, at);
      assert.equal(model.t, session.updates[i]!.now, at);
      compared++;
    });
  }
  assert.ok(compared > 100, `only ${compared} worlds compared`);
});

test("the timeline is that of the branch shown", () => {
  for (const session of sessions) {
    play(session, (model, at, i) => assert.deepEqual(model.tape.marks, session.shown[i]!.tape, at));
  }
});

test("the properties are those of the branch shown", () => {
  for (const session of sessions) {
    play(session, (model, at, i) => {
      for (const [name, changes] of Object.entries(session.shown[i]!.properties)) {
        const [since, state] = changes[changes.length - 1]!;
        const { state: mine, since: mySince } = model.property(name, model.head);
        assert.deepEqual([mine, mySince], [state, since], `${at}, ${name}`);
      }
    });
  }
});

test("what is known of clients' operations is that of the branch shown", () => {
  let orders = 0;
  for (const session of [...sessions, ...fixturesOf<Session>("clients_")]) {
    play(session, (model, at, i) => {
      const { judged } = session.shown[i]!;
      const { orders: mine, errors, givenUp } = model.judgement(model.head);
      const wanted = new Judged(judged).at(model.head);
      assert.deepEqual([errors, givenUp], [wanted.errors, wanted.givenUp], at);
      for (const [key, order] of wanted.orders) assert.deepEqual(mine.get(key), order, `${at}, ${key}`);
      orders += mine.size;
      for (const each of model.standings(model.head)) {
        const { invoked, returned } = each.operation;
        assert.ok(each.point === null || (each.point >= invoked && each.point <= (returned ?? Infinity)), `${at}, ${each.operation.id}`);
      }
    });
  }
  assert.ok(orders > 100, `only ${orders} orders compared`);
});

test("every event at hand is of the branch shown", () => {
  for (const session of sessions) {
    play(session, (model, at, i) => {
      for (const event of session.updates[i]!.events ?? []) assert.deepEqual(model.store.get(event.seq), event, at);
      assert.ok(model.store.last <= model.head, at);
    });
  }
});
