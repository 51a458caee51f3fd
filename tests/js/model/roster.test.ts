/** What nodes go by, such as who is a member, and who goes by which version of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { grouped, type RosterSpec } from "../../../static/src/model/forms.ts";
import { hasRoster, partsOf, versionsOf } from "../../../static/src/model/roster.ts";
import type { Host, World } from "../../../static/src/model/types.ts";

const SPEC: RosterSpec = {
  field: "configuration",
  title: "Members",
  parts: { outgoing: "old voters", voters: "voters", learners: "learners" },
  usual: "voters",
  beside: { voters: ["outgoing", "new voters"] },
};
const NODES = ["n1", "n2", "n3"];

function host(configuration: Host["state"][string], up = true): Host {
  return { kind: "node", up, paused: false, rate_ppm: 1_000_000, offset: 0, incarnation: 1, state: { configuration }, timers: {} };
}

function world(...hosts: Host[]): World {
  return { seq: 1, time: 0, hosts: Object.fromEntries(hosts.map((each, index) => [`n${index + 1}`, each])), links: {}, groups: null, rules: {}, flights: {} };
}

const set = (voters: string[], outgoing: string[] = [], learners: string[] = []) => ({ voters, outgoing, learners, auto_leave: true });

test("two halves are told as the old and the new one, and empty parts not at all", () => {
  assert.deepEqual(partsOf(SPEC, set(["n1", "n2"], [], ["n3"])), [{ label: "voters", nodes: ["n1", "n2"] }, { label: "learners", nodes: ["n3"] }]);
  assert.deepEqual(partsOf(SPEC, set(["n1", "n4"], ["n1", "n2"])), [{ label: "old voters", nodes: ["n1", "n2"] }, { label: "new voters", nodes: ["n1", "n4"] }]);
  assert.equal(partsOf(SPEC, null), null);
  assert.equal(partsOf(SPEC, { name: "put" }), null);
});

test("those who agree stand together, and who is down goes by nothing", () => {
  const versions = versionsOf(SPEC, world(host(set(["n1", "n2"])), host(set(["n1", "n2", "n3"])), host(set(["n1", "n2"]))), NODES);
  assert.deepEqual(versions.map(({ nodes, usual }) => [nodes, usual]), [[["n1", "n3"], false], [["n2"], true]]);
  assert.deepEqual(versionsOf(SPEC, world(host(set(["n1"])), host(set(["n2"]), false), host(null)), NODES).map(({ nodes }) => nodes), [["n1"]]);
});

test("a room in which nothing changes has no line for it", () => {
  assert.equal(hasRoster(SPEC, world(host(null), host(null))), false);
  assert.equal(hasRoster(undefined, world(host(set(["n1"])))), false);
  assert.equal(hasRoster(SPEC, world(host(null), host(set(["n1"])))), true);
});

test("tunables without groups stand in one without a title, and unknown names are left out", () => {
  const params = { b: 1, a: 2 };
  assert.deepEqual(grouped({ params }), [{ title: "", params: [["b", 1], ["a", 2]] }]);
  const groups = [{ title: "A", params: ["a", "gone"] }, { title: "Empty", params: ["gone"] }];
  assert.deepEqual(grouped({ params, groups }), [{ title: "A", params: [["a", 2]] }]);
});
