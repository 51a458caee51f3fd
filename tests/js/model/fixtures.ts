// What `tests/support/fixtures.py` wrote, and what it means that two worlds are the same.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isLogWindow, type World } from "../../../static/src/model/types.ts";

/** All fixtures whose file begins so, in the order of their names. */
export function fixturesOf<T>(prefix: string): T[] {
  const folder = process.env.FIXTURES ?? assert.fail("FIXTURES names no folder: python -m tests.support.fixtures FOLDER");
  return readdirSync(folder)
    .filter((file) => file.startsWith(prefix))
    .sort()
    .map((file) => JSON.parse(readFileSync(join(folder, file), "utf8")) as T);
}

/** The same world, as far as both know the logs: a window may know more or less of the past. */
export function same(mine: World, theirs: World, what: string): void {
  const [a, b] = [structuredClone(mine), structuredClone(theirs)];
  for (const [id, host] of Object.entries(a.hosts)) {
    for (const [field, log] of Object.entries(host.state)) {
      const other = b.hosts[id]!.state[field];
      if (!isLogWindow(log) || !isLogWindow(other)) continue;
      const from = Math.min(Math.max(log.from, other.from), log.length);
      host.state[field] = { ...log, from, items: log.items.slice(from - log.from) };
      b.hosts[id]!.state[field] = { ...other, from, items: other.items.slice(from - other.from) };
    }
  }
  assert.deepEqual(a, b, what);
}
