/** The order of a search in the address of its page: what is given comes back, and nonsense is nothing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { asHash, firstOrder, fromHash, type Choices } from "../../../static/src/model/exploration.ts";

const choices = {
  protocols: [
    { name: "paxos", rules: [{ name: "majority" }], properties: [], params: [] },
    { name: "raft", rules: [{ name: "one_vote" }, { name: "durable_vote" }], properties: [], params: [] },
  ],
} as unknown as Choices;
const first = firstOrder(choices);

test("at first it is Raft, and which rule is off is left to the reader", () => {
  assert.deepEqual([first.protocol, first.without], ["raft", []]);
  assert.equal(firstOrder({ ...choices, protocols: choices.protocols.slice(0, 1) }).protocol, "paxos");
});

test("an order comes back from its address, with the search that it was given", () => {
  const order = { ...first, nodes: 4, wanted: "log_matching", params: { no_op: false }, method: "systematic" as const };
  assert.deepEqual(fromHash(asHash(order, "abc"), first), { order, begin: false, job: "abc" });
  assert.deepEqual(fromHash(asHash(order, null), first), { order, begin: false, job: null });
});

test("who names a protocol alone means it with all rules on", () => {
  const { order, begin } = fromHash(`#${encodeURIComponent('{"protocol":"paxos","begin":true}')}`, first);
  assert.deepEqual([order.protocol, order.without, begin], ["paxos", [], true]);
});

test("what no search knows is left out of the order", () => {
  const { order } = fromHash(`#${encodeURIComponent('{"colour":"red","seconds":60}')}`, first);
  assert.deepEqual(order, { ...first, seconds: 60 });
});

for (const nonsense of ["", "#", "#%", "#[]", "#null", '#{"without":"one_vote"}', '#{"nodes":"three"}', '#{"method":"lucky"}', '#{"params":null}']) {
  test(`${nonsense || "nothing"} is no order`, () => assert.deepEqual(fromHash(nonsense, first), { order: first, begin: false, job: null }));
}
