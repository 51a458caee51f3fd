import assert from "node:assert/strict";
import { test } from "node:test";
import { Judged, pointsOf, standings } from "../../../static/src/model/judged.ts";
import { spanOfLast } from "../../../static/src/model/operations.ts";
import type { JudgedFact, Operation } from "../../../static/src/model/types.ts";

function operation(id: string, invoked: number, returned: number | null, key = "x"): Operation {
  return {
    id,
    client: id.split(".")[0]!,
    operation: { name: "get", key },
    invoked,
    invoked_seq: invoked,
    returned,
    returned_seq: returned,
    outcome: returned === null ? null : "ok",
    result: null,
  };
}

const FACTS: JudgedFact[] = [
  [10, "order", "x", 0, ["a"]],
  [20, "order", "x", 1, ["b", "c"]],
  [30, "order", "x", 1, ["c", "d"]],
  [30, "error", "x", "e"],
  [40, "order", "y", 7, ["f"]],
  [50, "given_up", "y"],
];

test("what is known of an order goes on and comes back with the event that is shown", () => {
  const judged = new Judged();
  judged.append(FACTS.slice(0, 3));
  judged.append(FACTS.slice(3));
  const seen = (seq: number) => [...judged.at(seq).orders].map(([key, { from, ids }]) => `${key}${from}:${ids.join("")}`);
  for (const [seq, wanted] of [
    [9, []],
    [10, ["x0:a"]],
    [29, ["x0:abc"]],
    [30, ["x0:acd"]],
    [20, ["x0:abc"]],
    [60, ["x0:acd", "y7:f"]],
    [0, []],
    [45, ["x0:acd", "y7:f"]],
  ] as [number, string[]][]) {
    assert.deepEqual(seen(seq), wanted, `at ${seq}`);
  }
  assert.deepEqual([...judged.at(29).errors], []);
  assert.deepEqual([...judged.at(30).errors], [["e", 30]]);
  assert.deepEqual([...judged.at(49).givenUp], []);
  assert.deepEqual([...judged.at(50).givenUp], ["y"]);
});

test("on another branch only what both share is known", () => {
  const judged = new Judged(FACTS);
  judged.at(50);
  judged.truncateAfter(20);
  assert.deepEqual(judged.at(60).orders.get("x")!.ids, ["a", "b", "c"]);
  assert.equal(judged.at(60).errors.size, 0);
});

test("moments lie within their operations and in the order", () => {
  const order = [operation("a", 0, 100), operation("b", 50, 200), operation("c", 50, 180), operation("d", 60, null), operation("e", 120, 190), operation("f", 300, null)];
  const points = pointsOf(order);
  let last = -Infinity;
  for (const { id, invoked, returned } of order) {
    const at = points.get(id)!;
    assert.ok(at >= invoked && at <= (returned ?? Infinity), `${id} at ${at}`);
    assert.ok(at >= last, `${id} at ${at} after ${last}`);
    last = at;
  }
  assert.ok(points.get("a")! < points.get("b")!);
});

test("operations that contradict an error name it, the error itself does not", () => {
  const all = [operation("a", 0, 10), operation("b", 0, 20), operation("e", 15, 30)];
  const judged = new Judged(FACTS);
  const found = standings(all, judged.at(60), { e: ["a", "e"], other: ["b"] });
  assert.deepEqual(found.map(({ error, against, place }) => [error, against, place]), [
    [false, ["e"], 1],
    [false, [], null],
    [true, [], null],
  ]);
  assert.deepEqual(standings(all, judged.at(20), { e: ["a", "e"] })[0]!.against, [], "it is not known yet");
});

test("the lanes begin with a window that shows the last few operations of each client, however dense", () => {
  const every = (gap: number, many: number) => Array.from({ length: many }, (_, i) => operation(`c${1 + (i % 2)}.${i}`, i * gap, i * gap + gap / 2));
  const now = 100 * 400_000;
  assert.equal(spanOfLast([], 2, now, 400_000), 400_000);
  assert.equal(spanOfLast(every(400_000, 100), 2, now, 400_000), 5_000_000);
  assert.equal(spanOfLast(every(1_000, 100), 2, 100_000, 400_000), 400_000, "never less than what shows messages");
  const spans = new Set(Array.from({ length: 400 }, (_, i) => spanOfLast(every(400_000, 100), 2, now + i * 400, 400_000)));
  assert.equal(spans.size, 1, "it does not change from frame to frame");
});
