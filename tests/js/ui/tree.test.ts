import assert from "node:assert/strict";
import { test } from "node:test";
import { branchLabel } from "../../../static/src/ui/branchacts.ts";

test("a branch names the one that it comes from, and no name is taken for a sentence", () => {
  const all = [
    { id: 0, name: "Play", parent: null, forked_at: 0, head: 300 },
    { id: 1, name: "{seq}", parent: 0, forked_at: 100, head: 250 },
    { id: 4, name: "C", parent: 1, forked_at: 200, head: 210 },
  ].map((branch) => ({ ...branch, forked_time: 0, time: 0, marks: [] }));
  assert.deepEqual(all.map((branch) => branchLabel(branch, all)), ["Play", "{seq}, from event 100 of “Play”", "C, from event 200 of “{seq}”"]);
});
