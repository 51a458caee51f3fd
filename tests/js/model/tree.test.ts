import assert from "node:assert/strict";
import { test } from "node:test";
import type { Branch } from "../../../static/src/model/branches.ts";
import { barEnd, few, keepReason, namePlace, treeMove, treeRows, type TreeRow } from "../../../static/src/model/tree.ts";
import type { Mark } from "../../../static/src/model/types.ts";

const branch = (id: number, parent: number | null, forked_at: number, more: Partial<Branch> = {}): Branch => ({
  id, name: `b${id}`, parent, forked_at, forked_time: forked_at * 1000, head: 500, time: 500_000, marks: [], ...more,
});
//  0 ────────┬── 100 ──
//            ├ 1 at 60 ──┬──
//            │           └ 3 at 80 ──
//            └ 2 at 40 ──
const TREE = [branch(0, null, 0), branch(1, 0, 60), branch(2, 0, 40), branch(3, 1, 80)];
const PRESENT = { branch: 0, headTime: 900_000 };
const ids = (rows: TreeRow[]): number[] => rows.map((row) => row.branch.id);
const rows = (folded: number[] = [], present = PRESENT, tree = TREE): TreeRow[] => treeRows(tree, new Set(folded), present);

test("children stand below their parent, those that left it last first", () => {
  assert.deepEqual(ids(rows()), [0, 1, 3, 2]);
  assert.deepEqual(rows().map((row) => row.level), [1, 2, 3, 2]);
  assert.deepEqual(rows().map((row) => row.parent), [-1, 0, 1, 0]);
  assert.deepEqual(rows().map((row) => [row.place, row.size]), [[1, 1], [1, 2], [1, 1], [2, 2]]);
});

test("no fork crosses a row between its own and its parent's, whatever the tree", () => {
  let seed = 7;
  const random = (below: number): number => (seed = (seed * 48271) % 2147483647) % below;
  for (let round = 0; round < 200; round++) {
    const tree = [branch(0, null, 0)];
    for (let id = 1; id < 30; id++) {
      const parent = tree[random(tree.length)]!;
      tree.push(branch(id, parent.id, parent.forked_at + random(50) + 1));
    }
    const seen = rows([], PRESENT, tree);
    assert.equal(seen.length, 30);
    seen.forEach((row, index) => {
      for (const between of seen.slice(row.parent + 1, row.parent < 0 ? 0 : index)) {
        assert.ok(between.from >= row.from, `row ${index} is crossed by a row above it`);
      }
    });
  }
});

test("a row goes from its fork to its end, and that of the branch shown to the present", () => {
  assert.deepEqual(rows().map((row) => [row.from, row.to]), [[0, 900_000], [60_000, 500_000], [80_000, 500_000], [40_000, 500_000]]);
});

test("folded children are not seen, unless the one that is shown is among them", () => {
  assert.deepEqual(ids(rows([1])), [0, 1, 2]);
  assert.deepEqual(rows([1]).map((row) => row.open), [true, false, false]);
  assert.deepEqual(ids(rows([0])), [0]);
  assert.deepEqual(ids(rows([0, 1], { branch: 3, headTime: 1 })), [0, 1, 3, 2]);
});

test("a branch whose parent is not known is not lost", () => {
  assert.deepEqual(ids(treeRows([branch(5, 4, 10), branch(6, 5, 20)], new Set(), PRESENT)), [5, 6]);
});

test("arrows move as in any tree", () => {
  const open = rows();
  assert.deepEqual(treeMove(open, 0, "ArrowDown"), { to: 1 });
  assert.deepEqual(treeMove(open, 3, "ArrowDown"), null);
  assert.deepEqual(treeMove(open, 0, "ArrowUp"), null);
  assert.deepEqual(treeMove(open, 3, "Home"), { to: 0 });
  assert.deepEqual(treeMove(open, 0, "End"), { to: 3 });
  assert.deepEqual(treeMove(open, 1, "ArrowRight"), { to: 2 });
  assert.deepEqual(treeMove(open, 1, "ArrowLeft"), { fold: 1 });
  assert.deepEqual(treeMove(open, 2, "ArrowRight"), null);
  assert.deepEqual(treeMove(open, 2, "ArrowLeft"), { to: 1 });
  assert.deepEqual(treeMove(rows([1]), 1, "ArrowRight"), { unfold: 1 });
  assert.deepEqual(treeMove(rows([1]), 1, "ArrowLeft"), { to: 0 });
  assert.equal(treeMove(open, 9, "ArrowUp"), null);
  assert.equal(treeMove(open, 0, "x"), null);
});

test("of many marks some are drawn, and every violation before a commit", () => {
  const commits = Array.from({ length: 100 }, (_, i): Mark => [i + 1, i * 10, "commit", "n1", null]);
  const broken: Mark[] = [[30, 300, "violation", null, "p"], [50, 500, "violation", null, "q"]];
  const marks = [...commits, ...broken].sort((a, b) => a[0] - b[0]);
  const seen = few(marks, 20, ["violation", "commit"], 6);
  assert.equal(seen.length, 6);
  assert.deepEqual(seen.filter((mark) => mark[2] === "violation"), broken);
  assert.ok(seen.every((mark) => mark[0] > 20));
  assert.deepEqual(few(broken, 0, ["commit"], 6), []);
});

test("the first branch stays, and so does one from which others grew", () => {
  assert.deepEqual([0, 1, 2, 3, 9].map((id) => keepReason(TREE, id)), ["first", "needed", null, null, "first"]);
});

test("the bar is at least two seconds long", () => {
  assert.equal(barEnd(0), 2_000_000);
  assert.equal(barEnd(10_000_000), 10_200_000);
});

test("a name covers no line that is shorter than itself", () => {
  for (const name of [20, 90, 192]) {
    for (let from = 12; from < 980; from += 7) {
      for (const long of [9, 30, 120, 400, 960]) {
        const to = Math.min(988, from + long);
        const left = namePlace(from, to, name, 1000);
        assert.ok(left >= 0 && left + name <= 1000, `${from} ${to} ${name}`);
        const covered = Math.max(0, Math.min(to, left + name) - Math.max(from, left));
        assert.ok(covered === 0 || to - from > name, `a line from ${from} to ${to} is under its name`);
      }
    }
  }
});
