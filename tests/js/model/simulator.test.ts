// The browser's reducer against the simulator: events and worlds that `tests/support/fixtures.py` wrote.
import assert from "node:assert/strict";
import { test } from "node:test";
import { apply, copyWorld, unapply } from "../../../static/src/model/reducer.ts";
import { type Mark, type RunEvent, type World } from "../../../static/src/model/types.ts";
import { fixturesOf, same } from "./fixtures.ts";

interface Fixture {
  name: string;
  first: World;
  events: RunEvent[];
  /** worlds[i] is the world after events[i]. */
  worlds: World[];
  marks: Mark[];
}

const fixtures = fixturesOf<Fixture>("run_");

test("there are fixtures, with every kind of change", () => {
  const kinds = new Set(fixtures.flatMap(({ events }) => events.flatMap((event) => (event.changes ?? []).map((change) => change[0]))));
  assert.deepEqual([...kinds].sort(), ["flight", "groups", "host", "link", "log", "rule", "state", "timer"]);
});

test("going forward, every world is the simulator's", () => {
  for (const { name, first, events, worlds } of fixtures) {
    const world = copyWorld(first);
    events.forEach((event, i) => {
      apply(world, event);
      same(world, worlds[i]!, `${name}, after event ${event.seq}`);
    });
  }
});

test("going back from the end, every world is the simulator's, down to the first", () => {
  for (const { name, first, events, worlds } of fixtures) {
    const world = copyWorld(worlds[worlds.length - 1]!);
    for (let i = events.length - 1; i >= 0; i--) {
      const before = i ? worlds[i - 1]! : first;
      unapply(world, events[i]!, before.time);
      same(world, before, `${name}, before event ${i + 1}`);
    }
  }
});

test("from any world a walk to and fro stays true", () => {
  for (const { name, events, worlds } of fixtures) {
    for (let start = 0; start < worlds.length; start += 37) {
      const world = copyWorld(worlds[start]!);
      let at = start;
      for (let step = 0; step < 24; step++) {
        if ((step * 7 + start) % 5 < 3 && at + 1 < events.length) apply(world, events[++at]!);
        else if (at > 0) unapply(world, events[at]!, worlds[--at]!.time);
        same(world, worlds[at]!, `${name}, from ${start + 1} to ${at + 1}`);
      }
    }
  }
});

test("applying an event changes nothing that a copy made before still shows", () => {
  for (const { name, first, events, worlds } of fixtures) {
    const world = copyWorld(first);
    const kept: [World, number][] = [];
    events.forEach((event, i) => {
      apply(world, event);
      if (i % 41 === 0) kept.push([copyWorld(world), i]);
    });
    for (const [copy, i] of kept) same(copy, worlds[i]!, `${name}, the copy of event ${i + 1}`);
  }
});
