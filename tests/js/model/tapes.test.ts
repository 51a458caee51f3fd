import assert from "node:assert/strict";
import { test } from "node:test";
import { Tape, TAPE_MAX } from "../../../static/src/model/tapes.ts";
import type { Mark, MarkKind } from "../../../static/src/model/types.ts";

const MARKS: Mark[] = [
  [10, 100, "election", "n1", 1],
  [12, 120, "commit", "n1", null],
  [20, 300, "crash", "n1", null],
  [30, 500, "election", "n2", 2],
  [31, 501, "commit", "n2", null],
  [40, 900, "violation", "n2", null],
];

function tape(): Tape {
  const made = new Tape();
  made.append(MARKS);
  return made;
}

test("bands run from the election to the leader's crash, and nobody leads until the next", () => {
  const bands = tape().bands(1000);
  assert.deepEqual(bands, [
    { from: 0, to: 100, value: null, host: null },
    { from: 100, to: 300, value: 1, host: "n1" },
    { from: 300, to: 500, value: 1, host: null },
    { from: 500, to: 1000, value: 2, host: "n2" },
  ]);
});

test("a higher term without a leader ends a leader's band, unless that leader still commits", () => {
  const made = new Tape();
  made.append([
    [1, 50, "candidacy", "n1", 1],
    [2, 100, "election", "n1", 1],
    [3, 200, "candidacy", "n3", 2],
    [4, 300, "commit", "n1", null],
    [5, 310, "commit", "n2", null],
    [6, 400, "candidacy", "n3", 3],
    [7, 500, "candidacy", "n3", 4],
    [8, 600, "election", "n3", 4],
    [9, 700, "stepdown", "n1", 4],
    [10, 800, "stepdown", "n3", 5],
  ]);
  assert.deepEqual(made.bands(1000), [
    { from: 0, to: 50, value: null, host: null },
    { from: 50, to: 100, value: 1, host: null },
    { from: 100, to: 400, value: 1, host: "n1" },
    { from: 400, to: 500, value: 3, host: null },
    { from: 500, to: 600, value: 4, host: null },
    { from: 600, to: 800, value: 4, host: "n3" },
    { from: 800, to: 1000, value: 5, host: null },
  ]);
});

test("an empty tape has one band", () => {
  assert.deepEqual(new Tape().bands(700), [{ from: 0, to: 700, value: null, host: null }]);
});

test("the same span sent twice is kept once, and two marks of one event are both kept", () => {
  const made = tape();
  made.append(MARKS.slice(3));
  assert.equal(made.marks.length, MARKS.length);
  made.append([[40, 900, "stepdown", "n2", 2]]);
  assert.equal(made.marks.length, MARKS.length + 1);
});

test("where ticks share a place the most telling one is drawn, and the count tells of the rest", () => {
  const [first, second, , last] = tape().ticks(0, 1000, 100, 25);
  assert.equal(first!.kind, "election");
  assert.equal(first!.count, 2);
  assert.equal(second!.kind, "crash");
  assert.equal(last!.kind, "violation");
});

test("signs that would touch are folded into the most telling one with a count, and each is still gone to", () => {
  const made = new Tape();
  const kinds: MarkKind[] = ["command", "election", "crash", "heal"];
  made.append([[1, 10, "command", null, null], [2, 12, "crash", "n1", null], [3, 40, "heal", null, null], [4, 100, "election", "n2", 2], [5, 500, "heal", null, null], [6, 526, "heal", null, null]]);
  const folded = made.folds(0, 1000, 1000, 26, kinds);
  assert.deepEqual(folded.map(({ kind, x, count }) => [kind, x, count]), [["crash", 12, 2], ["heal", 40, 1], ["election", 100, 1], ["heal", 500, 1], ["heal", 526, 1]]);
  assert.deepEqual(made.folds(0, 1000, 200, 26, kinds).map(({ kind, count }) => [kind, count]), [["crash", 4], ["heal", 2]]);
  const gone = [0, 1, 2, 3, 4, 5].map((seq) => made.neighbour(seq, 1, kinds)?.[0]);
  assert.deepEqual(gone, [1, 2, 3, 4, 5, 6]);
  for (const [i, one] of folded.entries()) if (i) assert.ok(one.x - folded[i - 1]!.x >= 26);
});

test("ticks can be of some kinds and of a part of the time alone", () => {
  const ticks = tape().ticks(400, 1000, 600, 1, ["commit"]);
  assert.deepEqual(ticks.map(({ seq, x }) => [seq, Math.round(x)]), [[31, 101]]);
});

test("a branch keeps what it shares", () => {
  const made = tape();
  made.truncateAfter(30);
  assert.equal(made.last?.[0], 30);
});

test("two hours of commits stay within the bound, and elections survive the thinning", () => {
  const made = new Tape();
  for (let i = 1; i <= 60_000; i++) made.append([[i, i * 1000, i % 1000 === 0 ? "election" : "commit", "n1", i]]);
  assert.ok(made.marks.length <= TAPE_MAX);
  assert.equal(made.marks.filter((mark) => mark[2] === "election").length, 60);
});

test("the next and previous marks are found by kind", () => {
  assert.equal(tape().neighbour(12, 1, ["election"])?.[0], 30);
  assert.equal(tape().neighbour(30, -1, ["election"])?.[0], 10);
  assert.equal(tape().neighbour(10, -1), null);
});
