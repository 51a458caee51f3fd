/** What a request's form is drawn from: the kinds of its arguments, and the room. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Protocol, World } from "../../../static/src/model/types.ts";
import { argumentOf, firstFields, marksOf, nodeChoice, operationOf, requestText } from "../../../static/src/ui/requests.ts";
import { host, PROTOCOL, world } from "./scene.ts";

const OFFERED: Protocol = {
  ...PROTOCOL,
  operations: [
    { name: "cas", title: "Compare and set", args: ["key", "expect", "value"], text: "" },
    { name: "move", title: "Move money", args: ["source", "target", "amount"], text: "" },
    { name: "members", title: "Set all voters", args: ["voters"], text: "" },
    { name: "who", title: "Who leads?", args: [], text: "" },
  ],
  arguments: {
    source: { label: "From", kind: "node" },
    target: { label: "To", kind: "node" },
    amount: { label: "Amount", kind: "number" },
    voters: { label: "Voters", kind: "nodes" },
  },
  view: {
    ...PROTOCOL.view,
    node: {
      ...PROTOCOL.view.node,
      roles: { ...PROTOCOL.view.node.roles, follower: { label: "follower", letter: "F", edge: "plain", icon: null } },
      standing: "standing",
      standings: { learner: { label: "learner", letter: "N", edge: "faint", icon: null } },
    },
  },
};
const [CAS, MOVE, MEMBERS, WHO] = OFFERED.operations as [Protocol["operations"][0], Protocol["operations"][0], Protocol["operations"][0], Protocol["operations"][0]];
const follower = (state = {}) => host({ state: { role: "follower", ...state } });
const WORLD = world({
  hosts: { n1: follower(), n2: host({ state: { role: "leader" } }), n3: follower({ standing: "learner" }), n4: host({ up: false }), c1: host({ kind: "client" }) },
});
const NODES = ["n1", "n2", "n3", "n4"];

test("two nodes in one request are two, and of many those that make up the cluster", () => {
  const fields = firstFields({ protocol: OFFERED, world: WORLD }, NODES);
  assert.equal(fields.source, "n1");
  assert.equal(fields.target, "n3");
  assert.equal(fields.voters, "n1 n2 n4");
});

test("the node offered first is up and does not lead, as long as there is one", () => {
  const first = (hosts: World["hosts"]) => firstFields({ protocol: OFFERED, world: world({ hosts }) }, ["n1", "n2", "n3"]).source;
  const leader = host({ state: { role: "leader" } });
  assert.equal(first({ n1: leader, n2: host({ up: false }), n3: follower() }), "n3");
  assert.equal(first({ n1: host({ up: false }), n2: leader, n3: host({ up: false }) }), "n2");
  assert.equal(first({ n1: host({ up: false }), n2: host({ up: false }), n3: host({ up: false }) }), "n1");
});

test("a request has its arguments as their kinds say", () => {
  assert.deepEqual(operationOf(CAS, OFFERED, { key: "7", expect: "", value: "7" }), { name: "cas", key: "7", expect: null, value: 7 });
  assert.deepEqual(operationOf(MOVE, OFFERED, { source: "n2", target: "n3", amount: "5" }), { name: "move", source: "n2", target: "n3", amount: 5 });
  assert.deepEqual(operationOf(MEMBERS, OFFERED, { voters: "n1 n4" }), { name: "members", voters: "n1 n4" });
});

test("an argument that the protocol does not tell of is called by its name", () => {
  assert.deepEqual(argumentOf("from_account", OFFERED), { label: "From account", kind: "text" });
  assert.deepEqual(argumentOf("amount", OFFERED), { label: "Amount", kind: "number" });
});

test("a request is told by its name for people, and one on a key as a log writes it", () => {
  assert.equal(requestText({ name: "cas", key: "x", expect: 1, value: 2 }, OFFERED), "cas x 1→2");
  assert.equal(requestText({ name: "move", source: "n2", target: "n3", amount: 5, client: "c1" }, OFFERED), "Move money: From n2, To n3, Amount 5");
  assert.equal(requestText({ name: "members", voters: "n1 n4" }, OFFERED), "Set all voters: n1 n4");
  assert.equal(requestText({ name: WHO.name }, OFFERED), "Who leads?");
  assert.equal(requestText({ name: "older", key: "x" }, OFFERED), "older x");
});

test("where a node is chosen its role is said, if it is no plain one", () => {
  const place = { protocol: OFFERED, world: WORLD };
  assert.deepEqual(NODES.map((id) => nodeChoice(place, id)), ["n1", "n2 · Leader", "n3 · learner", "n4 · down"]);
  assert.equal(marksOf(place, "n2")?.letter, "L");
  assert.equal(marksOf(place, "c1"), null);
});
