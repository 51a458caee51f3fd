import assert from "node:assert/strict";
import { test } from "node:test";
import { parseUntil, untilLabel } from "../../../static/src/ui/until.ts";
import { PROTOCOL } from "./scene.ts";

test("the simple choices need nothing else", () => {
  for (const kind of ["leader", "commit", "violation"] as const) assert.deepEqual(parseUntil(kind, "", 0), { kind });
});

test("a message is named by its type", () => {
  assert.deepEqual(parseUntil("message:RequestVote", "", 0), { kind: "message", type: "RequestVote" });
  assert.equal(typeof parseUntil("message:", "", 0), "string");
});

test("a time is absolute, or with a plus from now on", () => {
  assert.deepEqual(parseUntil("time", "12.5 s", 1_000_000), { kind: "time", time: 12_500_000 });
  assert.deepEqual(parseUntil("time", "+300 ms", 1_000_000), { kind: "time", time: 1_300_000 });
});

test("a time that is none or has passed is refused in a sentence", () => {
  assert.match(String(parseUntil("time", "soon", 0)), /such as/);
  assert.equal(parseUntil("time", "1 s", 2_000_000), "1.000 s has passed already; it is 2.000 s now.");
  assert.equal(typeof parseUntil("nonsense", "", 0), "string");
});

test("what is waited for is said", () => {
  assert.equal(untilLabel({ kind: "leader" }, PROTOCOL), "until the next leader");
  assert.equal(untilLabel({ kind: "message", type: "RequestVote" }, PROTOCOL), "until the next RequestVote");
  assert.equal(untilLabel({ kind: "time", time: 2_000_000 }, PROTOCOL), "until 2.000 s");
});
