import assert from "node:assert/strict";
import { test } from "node:test";
import type { ParamSpec } from "../../../static/src/model/forms.ts";
import { nameOf } from "../../../static/src/ui/comparetable.tsx";
import type { Choices } from "../../../static/src/model/comparison.ts";

const spec = (unit: ParamSpec["unit"], more: Partial<ParamSpec> = {}): ParamSpec => ({ title: "Pause", text: "", default: 1, unit, ...more });
const choices = {
  protocols: [{ name: "raft", title: "Raft", family: "", operations: [], params: { pause: spec("µs", { words: { "0": "Never pauses" } }), share: spec("percent"), push: spec("choice", { title: "Way", choices: { push: "by pushing" } }) } }],
} as unknown as Choices;
const name = (params: Record<string, number | string>): string => nameOf({ protocol: "raft", params }, choices);

test("a contestant is named with its tunings in the words of the form", () => {
  assert.equal(name({}), "Raft");
  assert.equal(name({ pause: 150_000, share: 20, push: "push" }), "Raft · Pause 150 ms · Pause 20 % · Way by pushing");
  assert.equal(name({ pause: 0 }), "Raft · Never pauses");
  assert.equal(name({ unheard: 3 }), "Raft · unheard 3");
});
