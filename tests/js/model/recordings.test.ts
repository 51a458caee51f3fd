import assert from "node:assert/strict";
import { test } from "node:test";
import { kept, kilobytes, nameOfFile, turns } from "../../../static/src/model/recordings.ts";

test("a file names its recording, without what only says of which kind it is", () => {
  assert.deepEqual(["lecture 3.json", "a.b.JSON.gz", "x.gz", "plain", ".json"].map(nameOfFile), ["lecture 3", "a.b", "x", "plain", ""]);
});

test("a list is turned as far as it goes", () => {
  assert.deepEqual(turns({ offset: 0, limit: 20, total: 20 }), { before: null, after: null });
  assert.deepEqual(turns({ offset: 0, limit: 20, total: 21 }), { before: null, after: 20 });
  assert.deepEqual(turns({ offset: 30, limit: 20, total: 60 }), { before: 10, after: 50 });
  assert.deepEqual(turns({ offset: 10, limit: 20, total: 11 }), { before: 0, after: null });
});

test("when the last row of a part is deleted, the part before it is shown", () => {
  assert.equal(kept({ offset: 20, limit: 20, total: 20 }), 0);
  assert.equal(kept({ offset: 40, limit: 20, total: 40 }), 20);
  assert.equal(kept({ offset: 20, limit: 20, total: 21 }), 20);
  assert.equal(kept({ offset: 0, limit: 20, total: 0 }), 0);
});

test("a size is at least one kilobyte", () => {
  assert.deepEqual([0, 400, 1_600, 2_000_000].map(kilobytes), [1, 1, 2, 2_000]);
});
