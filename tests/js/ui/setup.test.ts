/** How a room is set up, in words. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { kindsOf } from "../../../static/src/draw/ringlegend.ts";
import type { Protocol, Setup } from "../../../static/src/model/types.ts";
import { chipsOf, linkLabel, tunedGroups, tunedLabels } from "../../../static/src/ui/setup.ts";
import { LINK, PROTOCOL, world } from "./scene.ts";

const PARAMS: Protocol["params"] = {
  pre_vote: { title: "PreVote", text: "Asks first.", default: false, unit: "switch" },
  no_op: { title: "No-op", text: "An empty entry.", default: true, unit: "switch" },
  timeout: { title: "Timeout", text: "How long.", default: 150_000, unit: "µs" },
  pause: { title: "Pause", text: "Between two; 0: never.", default: 10, unit: "count", words: { 0: "Nobody begins" } },
  drift: { title: "Drift", text: "How much.", default: 10, unit: "percent" },
  reads: { title: "Reads", text: "Which way.", default: "log", unit: "choice", choices: { log: "through the log", lease: "by lease" } },
};
const TUNED: Protocol = { ...PROTOCOL, params: PARAMS, groups: [{ title: "", params: ["drift", "pause"] }, { title: "Elections", params: ["timeout", "pre_vote", "no_op", "reads"] }] };
const SETUP: Setup = { protocol: "raft", nodes: 3, clients: 1, seed: 1, params: {}, rules: {}, link: LINK, usual_link: LINK };
const place = (params: Setup["params"], more: object = {}) => ({ protocol: TUNED, world: world({ rules: { one_vote: true } }), setup: { ...SETUP, params }, ...more });

test("what is as it comes makes no chip", () => {
  assert.deepEqual(chipsOf(place({ pre_vote: false, timeout: 150_000 })), []);
});

test("each tunable that differs is a chip, a switch that is on by its name alone", () => {
  const tuned = place({ pre_vote: true, no_op: false, timeout: 1_500_000, drift: 0, reads: "lease" });
  assert.deepEqual(tunedLabels(tuned), ["Drift: 0 %", "Timeout: 1.5 s", "PreVote", "No-op: off", "Reads: by lease"]);
  assert.deepEqual(tunedLabels(tuned, ["drift", "timeout", "no_op"]), ["PreVote", "Reads: by lease"]);
});

test("a number that means something else is told by what it means", () => {
  assert.deepEqual(tunedLabels(place({ pause: 0 })), ["Nobody begins"]);
  assert.deepEqual(tunedLabels(place({ pause: 5 })), ["Pause: 5"]);
  const shown = tunedGroups(place({ pause: 0 }))[0]!.list[1]!;
  assert.deepEqual([shown.value, shown.usual], ["Nobody begins", "10"]);
});

test("a rule that is off comes first, also where it was switched off later", () => {
  const chips = chipsOf(place({ pre_vote: true }, { world: world({ rules: { one_vote: false } }) }));
  assert.deepEqual(chips, [{ label: "without: One vote per term", tone: "bad" }, { label: "PreVote", tone: "tuned" }]);
});

test("links are told where they differ from a link as it comes, at the set-up or by the dials", () => {
  const lossy = { ...LINK, loss_percent: 5 };
  assert.equal(linkLabel(place({}, { setup: { ...SETUP, link: lossy } })), "loss 5 %");
  const ways = ["n1>n2", "n1>n3", "n2>n1", "n2>n3", "n3>n1", "n3>n2"];
  const slow = { ...LINK, low: 100_000, high: 200_000, fifo: true };
  const dialled = world({ links: Object.fromEntries(ways.map((way) => [way, slow])) });
  assert.equal(linkLabel(place({}, { world: dialled })), "delay 100 ms – 200 ms, in order");
  assert.equal(linkLabel(place({}, { world: world({ links: { "n1>n2": slow } }) })), "");
});

test("the whole list has every tunable in its group, with what is usual where it is not", () => {
  const groups = tunedGroups(place({ drift: 25 }));
  assert.deepEqual(groups.map(({ title, list }) => [title, list.map(({ name }) => name)]), [["", ["drift", "pause"]], ["Elections", ["timeout", "pre_vote", "no_op", "reads"]]]);
  assert.deepEqual(groups[0]!.list[0], { name: "drift", title: "Drift", value: "25 %", alone: false, usual: "10 %", text: "How much." });
  assert.equal(groups[1]!.list[0]!.usual, null);
});

test("a legend is silent about kinds of messages that nobody sends", () => {
  assert.deepEqual(kindsOf(PROTOCOL, ["RequestVote"]).map(([name]) => name), ["AppendEntries"]);
});
