/** A file of the page comes through a bad line, however often that fails or hangs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bring, Missing, PATIENCE_MS, type Line } from "../../../static/src/ui/bringing.ts";

type Answer = "refused" | "hangs" | "half" | number;

/** Answers one request after the other; time passes as soon as somebody waits. */
function lineThat(...answers: Answer[]) {
  const asked: AbortSignal[] = [];
  const waited: number[] = [];
  const line: Line = {
    get: (_address, signal) => {
      asked.push(signal);
      const answer = answers[asked.length - 1];
      if (answer === "refused") return Promise.reject(new TypeError("Failed to fetch"));
      if (answer === "hangs") return new Promise(() => {});
      const status = answer === "half" ? 200 : (answer ?? 500);
      const body = answer === "half" ? Promise.reject(new TypeError("network error")) : Promise.resolve();
      body.catch(() => {});
      return Promise.resolve({ ok: status === 200, status, arrayBuffer: () => body });
    },
    after: (ms) => {
      waited.push(ms);
      return new Promise((done) => setTimeout(done, ms >= PATIENCE_MS ? 5 : 0));
    },
  };
  return { line, asked, waited };
}

test("a file that is refused, broken off or not served for now is asked for again", async () => {
  const { line, asked } = lineThat("refused", "half", 503, 200);
  await bring("/static/part.js", line);
  assert.equal(asked.length, 4);
});

test("a request that hangs is given up for another one, which is waited for longer", async () => {
  const { line, asked, waited } = lineThat("hangs", "hangs", 200);
  await bring("/static/part.js", line);
  assert.deepEqual(asked.map((signal) => signal.aborted), [true, true, true]);
  assert.deepEqual(waited.filter((ms) => ms >= PATIENCE_MS), [PATIENCE_MS, 2 * PATIENCE_MS, 4 * PATIENCE_MS]);
});

test("a file that the server has no more is not asked for twice", async () => {
  const { line, asked } = lineThat(404);
  await assert.rejects(bring("/static/part.js", line), Missing);
  assert.equal(asked.length, 1);
});
