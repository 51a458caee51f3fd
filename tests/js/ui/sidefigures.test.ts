import assert from "node:assert/strict";
import { test } from "node:test";
import type { Costs } from "../../../static/src/model/types.ts";
import { figuresOf, marksOf, type Figure } from "../../../static/src/ui/sidefigures.ts";

const COSTS: Costs = {
  messages: 90, bytes: 12_345, lost: 3, delays: 44, answers: 11, reads: 5, stale: 1, elections: 1, commits: 9,
  first_election: 215_000, asked: 12, answered: 9, failed: 2, late: 1, write_times: { p50: 90_000, p99: 300_000 }, read_times: null,
};

const figure = (name: string): Figure => {
  const found = figuresOf().find((each) => each.name === name);
  assert.ok(found, name);
  return found;
};
const shown = (name: string, costs = COSTS): string | null => {
  const { value, shown } = figure(name);
  const number = value(costs);
  return number === null ? null : shown(number);
};

test("figures are read off the meter, in units for people", () => {
  assert.equal(shown("messages"), "90");
  assert.equal(shown("bytes"), "12 kB");
  assert.equal(shown("per_answer"), "10.0");
  assert.equal(shown("round_trips"), "2.00");
  assert.equal(shown("leader"), "215 ms");
  assert.equal(shown("write_p99"), "300 ms");
  assert.equal(shown("answered"), "75 %");
  assert.equal(shown("stale"), "1");
});

test("what nobody knows yet is no number", () => {
  const nothing: Costs = { ...COSTS, answered: 0, answers: 0, asked: 0, first_election: null, write_times: null };
  for (const name of ["per_answer", "round_trips", "leader", "write_p50", "write_p99", "read_p50", "answered"]) assert.equal(shown(name, nothing), null, name);
  assert.equal(shown("read_p50"), null);
});

test("the best and the worst are marked, each way round", () => {
  assert.deepEqual(marksOf([3, 1, 2], figure("messages")), ["worst", "best", null]);
  assert.deepEqual(marksOf([0.5, 1, null], figure("answered")), ["worst", "best", null]);
  assert.deepEqual(marksOf([1, 1, 2, 2], figure("messages")), ["best", "best", "worst", "worst"]);
});

test("nothing is marked where all read the same, where one stands alone, or where neither is better", () => {
  assert.deepEqual(marksOf([12_345, 12_399], figure("bytes")), [null, null]);
  assert.deepEqual(marksOf([null, 5], figure("messages")), [null, null]);
  assert.deepEqual(marksOf([], figure("messages")), []);
  assert.deepEqual(marksOf([100, 91], figure("messages")), [null, null], "less than a tenth");
  assert.deepEqual(marksOf([100, 85], figure("messages")), ["worst", "best"]);
  assert.deepEqual(marksOf([1, 2], figure("failed")), [null, null]);
});
