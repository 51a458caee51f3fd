import assert from "node:assert/strict";
import { test } from "node:test";
import { asHash, digits, firstOrder, fitting, fromHash, summary, tunables, type Choices, type Order } from "../../../static/src/model/comparison.ts";
import type { ParamSpec } from "../../../static/src/model/types.ts";

const param = (name: string): ParamSpec => ({ title: name, text: "", default: 1, unit: "count" });
const protocol = (name: string, ...operations: string[]): Choices["protocols"][number] => ({ name, title: name, family: "consensus", operations, params: { think_time: param("think"), other: param("other") } });
const CHOICES: Choices = {
  protocols: [protocol("raft", "put", "get"), protocol("bully", "who"), protocol("gossip", "put", "get"), protocol("ring", "who")],
  families: { consensus: "Consensus" },
  workloads: [
    { name: "reads_and_writes", title: "", text: "", needs: ["put", "get"] },
    { name: "who_leads", title: "", text: "", needs: ["who"] },
  ],
  schedules: [],
  scenarios: [],
  limits: { least: 2, contestants: 4, nodes: 9, clients: 4, seeds: 100, seconds: 60, secondsLeast: 5 },
};

test("a workload fits where every protocol has what it needs", () => {
  assert.deepEqual(fitting(CHOICES, ["raft", "gossip"]), ["reads_and_writes"]);
  assert.deepEqual(fitting(CHOICES, ["bully", "ring"]), ["who_leads"]);
  assert.deepEqual(fitting(CHOICES, ["raft", "bully"]), []);
});

test("the first choice is of two protocols that can be asked the same", () => {
  const { contestants, workload } = firstOrder(CHOICES);
  assert.deepEqual(contestants.map(({ protocol }) => protocol), ["raft", "gossip"]);
  assert.equal(workload, "reads_and_writes");
});

test("what a comparison sets for itself is not offered", () => {
  assert.deepEqual(tunables(CHOICES.protocols[0]).flatMap(({ params }) => params.map(([name]) => name)), ["other"]);
  assert.deepEqual(tunables(undefined), []);
});

test("an order comes back from the address, a recording stays away", () => {
  const first = firstOrder(CHOICES);
  const order: Order = { ...first, seeds: 7, contestants: [{ protocol: "ring", params: { other: 3 } }, first.contestants[0]!], faults: { room: "/r/x y" } };
  assert.deepEqual(fromHash(asHash(order), first), order);
  const recorded = { ...order, faults: { recording: { commands: [] } } };
  assert.deepEqual(fromHash(asHash(recorded), first), { ...order, faults: first.faults });
});

test("an address that makes no sense is as none", () => {
  const first = firstOrder(CHOICES);
  for (const hash of ["", "#", "#%", "#main", "#null", `#${encodeURIComponent('{"seeds":"many"}')}`, `#${encodeURIComponent('{"contestants":[null]}')}`, `#${encodeURIComponent('{"faults":null}')}`]) {
    assert.deepEqual(fromHash(hash, first), first, hash);
  }
});

test("five numbers tell a distribution, and none tell nothing", () => {
  assert.deepEqual(summary([5, null, 1, 2, 4, 3]), { least: 1, low: 2, middle: 3, high: 4, most: 5 });
  assert.deepEqual(summary([1, 2]), { least: 1, low: 1.25, middle: 1.5, high: 1.75, most: 2 });
  assert.equal(summary([null]), null);
});

test("numbers have three digits", () => {
  assert.deepEqual([0.1234, 9.996, 12.34, 99.96, 1234.5, null].map(digits), ["0.12", "10.0", "12.3", "100", "1235", "–"]);
});
