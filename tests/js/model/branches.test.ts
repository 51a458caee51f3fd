import assert from "node:assert/strict";
import { test } from "node:test";
import { sharedPast, type Branch } from "../../../static/src/model/branches.ts";

const branch = (id: number, parent: number | null, forked_at: number): Branch => ({ id, name: `b${id}`, parent, forked_at, forked_time: 10 * forked_at, head: 999, time: 9990, marks: [] });
//  0 ────────┬── 100 ──
//            ├ 1 at 60 ──┬──
//            │           └ 3 at 80 ──
//            └ 2 at 40 ──
const TREE = [branch(0, null, 0), branch(1, 0, 60), branch(2, 0, 40), branch(3, 1, 80)];

test("a branch shares with its parent what came before the fork", () => {
  assert.equal(sharedPast(TREE, 0, 1), 60);
  assert.equal(sharedPast(TREE, 3, 1), 80);
});

test("two branches share what came before the earlier fork from their common ancestor", () => {
  assert.equal(sharedPast(TREE, 1, 2), 40);
  assert.equal(sharedPast(TREE, 3, 2), 40);
  assert.equal(sharedPast(TREE, 3, 0), 60);
});

test("a branch forked before its parent's own fork shares no more than that", () => {
  assert.equal(sharedPast([...TREE, branch(4, 3, 50)], 4, 1), 50);
  assert.equal(sharedPast([...TREE, branch(4, 3, 50)], 4, 0), 50);
});

test("the order of asking does not matter, and an unknown branch shares nothing", () => {
  for (const a of TREE) for (const b of TREE) assert.equal(sharedPast(TREE, a.id, b.id), sharedPast(TREE, b.id, a.id));
  assert.equal(sharedPast(TREE, 0, 77), 0);
  assert.equal(sharedPast([branch(1, 2, 5), branch(2, 1, 5)], 1, 9), 0);
});
