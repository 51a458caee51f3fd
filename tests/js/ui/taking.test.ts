import assert from "node:assert/strict";
import { test } from "node:test";
import { stripsOf } from "../../../static/src/ui/paperdiagram.ts";
import { piecesOf } from "../../../static/src/ui/papertables.tsx";
import { atMost, eventsAddress, handoutAddress, pictureName, spanProblem } from "../../../static/src/ui/taking.ts";

test("the name of a picture says protocol, branch, event and view, in letters that are safe everywhere", () => {
  assert.equal(pictureName("raft", "A", 120, "ring", "svg"), "raft-A-event-120-ring.svg");
  assert.equal(pictureName("two_phase_commit", "B2", { first: 4, last: 9 }, "spacetime", "png"), "two_phase_commit-B2-events-4-9-spacetime.png");
  assert.equal(pictureName("raft", "../第二/x", 1, "log", "svg"), "raft-x-event-1-log.svg");
});

test("addresses name the branch and both ends", () => {
  assert.equal(eventsAddress("a b", 2, "shiviz", { first: 3, last: 40 }), "/api/rooms/a%20b/events?format=shiviz&branch=2&from=3&upto=40");
  assert.equal(handoutAddress("r", 0, { first: 1, last: 2 }), "/r/r/handout?branch=0&from=1&upto=2");
});

test("a span is within the run, in order, and bounded", () => {
  assert.equal(spanProblem({ first: 1, last: 10 }, 10, 10), null);
  for (const [first, last] of [[0, 5], [6, 5], [1, 11], [Number.NaN, 5]] as const) assert.match(spanProblem({ first, last }, 10, 99)!, /from 1 to 10/);
  assert.match(spanProblem({ first: 1, last: 10 }, 10, 9)!, /10 events; at most 9/);
});

test("strips follow one another without a gap, and there are never many", () => {
  const crowd = Array.from({ length: 400 }, (_, i) => 1_000_000 + i * 20);
  for (const [from, to] of [[0, 0], [5, 300_000], [1_000_000, 2_234_567], [0, 3_600_000_000]] as const) {
    for (const moments of [[], crowd.filter((time) => from <= time && time <= to)]) {
      const strips = stripsOf(from, to, moments);
      assert.ok(strips.length >= 1 && strips.length <= 22, String(strips.length));
      assert.equal(strips[0]![0], from);
      assert.ok(strips[strips.length - 1]![1] >= to);
      strips.slice(1).forEach(([begin], i) => assert.equal(begin, strips[i]![1]));
      assert.ok(strips.every(([begin, end]) => end - begin >= 4_000));
    }
  }
  assert.equal(stripsOf(0, 400_000).length, 1);
  assert.equal(stripsOf(0, 1_000_000).length, 3);
});

test("what is quick is drawn wide", () => {
  const burst = Array.from({ length: 60 }, (_, i) => 40_000 + i * 1_000);
  const strips = stripsOf(0, 1_000_000, burst);
  assert.deepEqual(stripsOf(0, 1_000_000, burst.map((time) => time + 300_000))[0], [0, 340_000], "a strip ends before a crowd");
  for (const [begin, end] of strips) {
    const inside = burst.filter((time) => begin <= time && time < end);
    const part = (end - begin) / 8;
    for (const from of inside) assert.ok(inside.filter((time) => time >= from && time < from + part).length <= 11, `a crowd in ${begin} to ${end}`);
  }
  assert.deepEqual(stripsOf(0, 1_000_000, burst, 30_000).slice(0, 2), [[0, 75_000], [75_000, 150_000]]);
});

test("of a long log the last entries are printed, a row of them at a time", () => {
  assert.deepEqual(piecesOf(0), []);
  assert.deepEqual(piecesOf(14), [[0, 12], [12, 14]]);
  assert.deepEqual(piecesOf(1_000).flat(), [952, 964, 964, 976, 976, 988, 988, 1_000]);
});

test("a span that is too long keeps its end", () => {
  assert.deepEqual(atMost({ first: 1, last: 900 }, 400), { first: 501, last: 900 });
  assert.deepEqual(atMost({ first: 5, last: 9 }, 400), { first: 5, last: 9 });
});
