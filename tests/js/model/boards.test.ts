import assert from "node:assert/strict";
import { test } from "node:test";
import { gridOf, type Grid } from "../../../static/src/model/grids.ts";
import { cellState, changedEntries, doomed, entryAt, leaderMarks, logRow, stripPanel } from "../../../static/src/model/logs.ts";
import type { Change, FieldValue, Flight, MatrixPanel, Protocol, RunEvent, StripPanel, TablePanel, Value, World } from "../../../static/src/model/types.ts";
import { PROTOCOL, world0 } from "./generator.ts";

const NODES = ["n1", "n2", "n3"];
const TABLE: TablePanel = {
  kind: "table",
  field: "kept",
  title: "Transactions",
  label: "phase",
  note: "by",
  words: { committed: "is committed" },
  tones: { committed: "good", aborted: "bad", prepared: "wait" },
};

function put(world: World, id: string, part: Record<string, FieldValue>): void {
  world.hosts[id] = { ...world.hosts[id]!, state: { ...world.hosts[id]!.state, ...part } };
}

function table(kept: Record<string, FieldValue>, panel: TablePanel | MatrixPanel = TABLE, changes: Change[] = []): Grid {
  const world = world0(3, 0);
  for (const [id, value] of Object.entries(kept)) put(world, id, { [panel.field]: value });
  return gridOf(world, panel, NODES, { seq: 1, time: 0, kind: "timer", cause: 0, host: "n1", changes } as RunEvent);
}

const phase = (word: string, by = "n1"): Value => ({ phase: word, by });

test("a table has a row for each key that any node knows, numbers in their order, and a column for each node", () => {
  const { columns, rows } = table({ n1: { t10: 1, t2: 2 }, n2: { t1: 3 } }, { kind: "table", field: "data", title: "" });
  assert.deepEqual(columns, NODES);
  assert.deepEqual(rows.map((row) => row.key), ["t1", "t2", "t10"]);
  assert.deepEqual(rows.map((row) => row.cells.map((cell) => cell.shown)), [[null, "3", null], ["2", null, null], ["1", null, null]]);
});

test("a cell shows the field of its object, with its word, its tone and its note", () => {
  const [row] = table({ n1: { t1: phase("committed", "n3") }, n2: { t1: phase("strange") } }).rows;
  const [one, other, none] = row!.cells;
  assert.deepEqual([one!.shown, one!.worded, one!.tone, one!.note], ["is committed", true, "good", "n3"]);
  assert.deepEqual([other!.shown, other!.worded, other!.tone], ["strange", false, "neutral"]);
  assert.deepEqual([none!.shown, none!.tone, none!.differs], [null, "neutral", false]);
});

test("what is not shown by most of a row is marked, and what nobody knows yet is not", () => {
  const marked = (...words: (string | null)[]): boolean[] => {
    const kept = Object.fromEntries(words.map((word, i): [string, Value] => [NODES[i]!, word === null ? {} : { t1: phase(word) }]));
    return table(kept).rows[0]!.cells.map((cell) => cell.differs);
  };
  assert.deepEqual(marked("aborted", "committed", "committed"), [true, false, false]);
  assert.deepEqual(marked("aborted", "committed", null), [true, true, false]);
  assert.deepEqual(marked("prepared", "committed", "committed"), [false, false, false], "it waits and contradicts nobody");
  assert.deepEqual(marked("committed", "committed", "committed"), [false, false, false]);
});

test("a row in which one thing is final here and another there says that it contradicts itself", () => {
  const agrees = (a: string, b: string): string => table({ n1: { t1: phase(a) }, n2: { t1: phase(b) } }).rows[0]!.agrees;
  assert.equal(agrees("committed", "aborted"), "conflict");
  assert.equal(agrees("committed", "other"), "no");
  assert.equal(agrees("committed", "prepared"), "yes");
});

test("long values that differ are told apart, however short they are written", () => {
  const [row] = table({ n1: { q: [1, 2, 3, 4, 5] }, n2: { q: [1, 2, 3, 4, 6] } }, { kind: "table", field: "data", title: "" }).rows;
  assert.equal(row!.cells[0]!.shown, row!.cells[1]!.shown);
  assert.equal(row!.agrees, "no");
});

test("what the event changed is marked, also where it took something away", () => {
  const before = { t1: phase("prepared"), t2: phase("prepared"), t3: phase("prepared") } as FieldValue;
  const after = { t1: phase("committed"), t2: phase("prepared"), t4: phase("prepared") } as FieldValue;
  const { rows } = table({ n1: after, n2: { t3: phase("prepared") } }, TABLE, [["state", "n1", "kept", before, after]]);
  const changed = Object.fromEntries(rows.map((row) => [row.key, row.cells.map((cell) => cell.changed)]));
  assert.deepEqual(changed, { t1: [true, false, false], t2: [false, false, false], t3: [true, false, false], t4: [true, false, false] });
  assert.deepEqual(rows.filter((row) => row.changed).map((row) => row.key), ["t1", "t3", "t4"]);
});

test("a matrix has a row for each node and a column for each peer, and marks no differences", () => {
  const { columns, rows } = table({ n1: { n2: 4, n3: 9 }, n2: { n1: 1, c1: 2 } }, { kind: "matrix", field: "heard" });
  assert.deepEqual(columns, ["n1", "n2", "n3", "c1"]);
  assert.deepEqual(rows.map((row) => row.cells.map((cell) => cell.shown)), [[null, "4", "9", null], ["1", null, null, "2"], [null, null, null, null]]);
  assert.deepEqual(rows[0]!.cells.map((cell) => [cell.host, cell.self]), [["n1", true], ["n1", false], ["n1", false], ["n1", false]]);
  assert.ok(rows.every((row) => row.agrees === "yes" && row.host === row.key));
});

const STRIP: StripPanel = { kind: "strip", field: "log", label: "name" };
const log = (...items: object[]): FieldValue => ({ log: true, length: items.length, from: 0, items: items as never });

function states(panel: Partial<StripPanel>, items: FieldValue, commit = 0): string[] {
  const world = world0(3, 0);
  put(world, "n1", { log: items, commit_index: commit });
  return [0, 1, 2, 3].map((position) => cellState(world.hosts.n1!, { ...STRIP, ...panel }, position, 3));
}

test("an entry is final by its place, by itself, or the panel says nothing of that", () => {
  const items = log({ name: "a", done: true }, { name: "b", done: false });
  assert.deepEqual(states({}, items), ["kept", "kept", "missing", "free"]);
  assert.deepEqual(states({ commit: "commit_index" }, items, 1), ["committed", "pending", "missing", "free"]);
  assert.deepEqual(states({ settled: "done" }, items), ["committed", "pending", "missing", "free"]);
  assert.deepEqual(states({ settled: "done", commit: "commit_index" }, items, 2), ["committed", "committed", "missing", "free"]);
});

test("a place at which nothing stands yet is a gap, between others that are settled", () => {
  const items = log({ name: null, open: true, done: false }, { name: "b", open: false, done: true });
  assert.deepEqual(states({ gap: "open", settled: "done" }, items), ["gap", "committed", "missing", "free"]);
});

test("a plain list is a log too", () => {
  const world = world0(3, 0);
  put(world, "n1", { log: [{ name: "a" }, { name: "b" }] });
  assert.equal(logRow(world.hosts.n1!, STRIP).length, 2);
  assert.deepEqual(entryAt(world.hosts.n1!, "log", 1), { name: "b" });
  assert.deepEqual(states({}, [{ name: "a" }]), ["kept", "missing", "missing", "free"]);
});

test("entries that the event changed are known by their positions, of logs and of plain lists", () => {
  const event = (change: Change): RunEvent => ({ seq: 1, time: 0, kind: "timer", cause: 0, host: "n1", changes: [change] });
  const of = (change: Change): number[] => [...changedEntries(event(change), "n1", "log")];
  assert.deepEqual(of(["log", "n1", "log", 2, [{ a: 1 }, { a: 2 }], [{ a: 1 }, { a: 3 }, { a: 4 }]]), [3, 4]);
  assert.deepEqual(of(["state", "n1", "log", [{ a: 1 }], [{ a: 1 }, { a: 2 }]]), [1]);
  assert.deepEqual(of(["log", "n2", "log", 0, [], [{ a: 1 }]]), []);
  assert.deepEqual([...changedEntries(undefined, "n1", "log")], []);
});

test("marks of a leader and entries about to go are for protocols that speak of them", () => {
  const world = world0(3, 0);
  const body = { term: 2, prev_log_index: 0, prev_log_term: 0, entries: [{ term: 2, command: null }] };
  put(world, "n1", { role: "leader", next_index: { n2: 1 }, match_index: { n2: 0 } });
  put(world, "n2", { log: log({ term: 1, command: null }) });
  world.flights["1"] = { id: 1, src: "n1", dst: "n2", type: "AppendEntries", body, of: null, sent: 0, sent_seq: 1, leg: 0, place: 0, due: 9, left: null } as Flight;
  const panel = stripPanel(PROTOCOL)!;
  const { after: _after, ...quiet } = PROTOCOL.messages.AppendEntries!;
  const other: Protocol = { ...PROTOCOL, messages: { ...PROTOCOL.messages, AppendEntries: quiet } };
  assert.deepEqual(doomed(PROTOCOL, world, panel), { n2: 0 });
  assert.deepEqual(doomed(other, world, panel), {});
  assert.deepEqual(doomed(PROTOCOL, world, { ...panel, fill: null }), {});
  assert.equal(leaderMarks(PROTOCOL, world, panel, null)?.leader, "n1");
  assert.equal(leaderMarks(PROTOCOL, world, { ...panel, next: null, match: null }, null), null);
  const plain: Protocol = { ...PROTOCOL, view: { ...PROTOCOL.view, node: { ...PROTOCOL.view.node, role: null, roles: {}, fill: null } } };
  assert.equal(leaderMarks(plain, world, panel, null)?.leader, "n1", "without roles it is who keeps marks");
});

test("what is in a snapshot is no entry, and keeps its places", () => {
  const items = { ...(log({ name: "b" }) as object), from: 1, length: 2, start: 1 } as FieldValue;
  assert.deepEqual(states({ commit: "commit_index" }, items, 2), ["snapshot", "committed", "missing", "free"]);
  const before = { ...(log({ name: "a" }, { name: "b" }) as object) } as FieldValue;
  const event = { seq: 1, time: 0, kind: "timer", cause: 0, host: "n1", changes: [["state", "n1", "log", before, items]] } as RunEvent;
  assert.deepEqual([...changedEntries(event, "n1", "log")], []);
});
