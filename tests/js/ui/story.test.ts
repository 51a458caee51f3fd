import assert from "node:assert/strict";
import { test } from "node:test";
import { branchLabel } from "../../../static/src/ui/story.tsx";

test("a branch names the one that it comes from", () => {
  const all = [
    { id: 0, name: "A", parent: null, forked_at: 0, head: 300 },
    { id: 1, name: "B", parent: 0, forked_at: 100, head: 250 },
    { id: 2, name: "C", parent: 1, forked_at: 200, head: 210 },
  ].map((branch) => ({ ...branch, forked_time: 0, time: 0, marks: [] }));
  assert.deepEqual(all.map((branch) => branchLabel(branch, all)), ["A", "B, from event 100 of A", "C, from event 200 of B"]);
});
