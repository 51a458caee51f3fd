import assert from "node:assert/strict";
import { test } from "node:test";
import { isDurable } from "../../../static/src/ui/inspectparts.tsx";
import { feedRows } from "../../../static/src/ui/feed.tsx";
import { answerLabel, commandSentence, isHollow, linesOf, linkSettings, lossSentence, messageName, messageSentence, weightOf } from "../../../static/src/ui/sentences.ts";
import { setCatalog, text } from "../../../static/src/ui/text.ts";
import { event, flight, PROTOCOL, world } from "./scene.ts";

test("what a node decided is said first, with the place where it is written", () => {
  const lines = linesOf(event({ indications: [{ type: "Applied", index: 3 }, { type: "Elected", term: 2 }] }), PROTOCOL);
  assert.equal(lines[0]?.text, "n2 is the leader of term 2.");
  assert.equal(lines[0]?.cites, "Raft §5.2");
  assert.equal(lines[1]?.text, "n2 applies entry #3.");
});

test("the name of a role is its label and not the value of a field", () => {
  assert.equal(linesOf(event({ indications: [{ type: "SteppedDown", role: "leader", term: 2 }] }), PROTOCOL)[0]?.text, "n2, Leader of term 2, steps down.");
});

test("a message is told by its sentence and found by its name", () => {
  assert.equal(messageSentence(flight(), PROTOCOL), "Leader n1 sends n2 entries, in term 2.");
  assert.equal(messageName(flight(), PROTOCOL), "AppendEntries from n1 to n2, message 7");
  assert.match(messageName(flight({ id: 8, of: 7 }), PROTOCOL), /a duplicate of 7$/);
  assert.ok(isHollow(flight(), PROTOCOL));
  assert.ok(!isHollow(flight({ body: { entries: [{}] } }), PROTOCOL));
});

test("the feed says at which end a message was stopped, and by what", () => {
  assert.match(lossSentence(flight(), "cut", true, PROTOCOL), /not sent, the link n1 → n2 is cut/);
  assert.match(lossSentence(flight(), "cut", false, PROTOCOL), /lost at delivery, the link n1 → n2 is cut/);
  assert.match(lossSentence(flight(), "partition", true, PROTOCOL), /not sent, the partition/);
  assert.match(lossSentence(flight(), "down", false, PROTOCOL), /n2 is down/);
  assert.match(lossSentence(flight(), "loss", false, PROTOCOL), /loss drew it/);
});

test("heartbeats weigh nothing; commands and elections weigh most", () => {
  assert.equal(weightOf(event(), PROTOCOL), "routine");
  assert.equal(weightOf(event({ indications: [{ type: "Applied", index: 1 }] }), PROTOCOL), "routine");
  assert.equal(weightOf(event({ indications: [{ type: "VoteGranted", candidate: "n1" }] }), PROTOCOL), "normal");
  assert.equal(weightOf(event({ indications: [{ type: "Elected", term: 1 }] }), PROTOCOL), "key");
  assert.equal(weightOf(event({ kind: "command", command: { type: "heal" } }), PROTOCOL), "key");
  assert.equal(weightOf(event({ kind: "lost", reason: "loss" }), PROTOCOL), "routine");
  assert.equal(weightOf(event({ kind: "lost", reason: "loss", message: flight({ type: "RequestVote" }) }), PROTOCOL), "normal");
});

test("commands are said as a person would", () => {
  assert.equal(commandSentence({ type: "restart", node: "n3", disk: "lost" }, PROTOCOL), "restart n3, its disk lost");
  assert.equal(commandSentence({ type: "partition", groups: [["n1"], ["n2", "n3"]] }, PROTOCOL), "partition n1 | n2 n3");
  assert.equal(commandSentence({ type: "set_link", src: "n1", dst: "n2", low: 5_000, high: 9_000, loss_percent: 10 }, PROTOCOL), "link n1 → n2: delay 5 ms – 9 ms, loss 10 %");
  assert.equal(commandSentence({ type: "switch_rule", rule: "one_vote", on: false }, PROTOCOL), "switch off the rule: One vote per term");
  assert.equal(commandSentence({ type: "request", client: "c1", operation: { name: "get", key: "x" }, to: "n2" }, PROTOCOL), "c1 requests get x of n2");
});

test("context folds what is routine, focus leaves it out, all shows it", () => {
  const heavy = event({ seq: 4, indications: [{ type: "Elected", term: 1 }] });
  const events = [1, 2, 3, 5, 6].map((seq) => event({ seq }));
  const at = (seq: number) => (seq === 4 ? heavy : events.find((each) => each.seq === seq));
  const rows = (filter: "focus" | "context" | "all", opened: [number, number][] = []) => feedRows(at, 6, filter, (each) => weightOf(each, PROTOCOL), opened).rows;
  assert.deepEqual(rows("context"), [
    { kind: "fold", from: 5, to: 6, count: 2 },
    { kind: "event", event: heavy },
    { kind: "fold", from: 1, to: 3, count: 3 },
  ]);
  assert.deepEqual(rows("focus"), [{ kind: "event", event: heavy }]);
  assert.equal(rows("all").length, 6);
  assert.equal(rows("context", [[5, 6]]).length, 4);
});

test("the feed stops where events are not at hand and says where", () => {
  assert.equal(feedRows((seq) => (seq > 3 ? event({ seq }) : undefined), 6, "all", () => "key").reached, 3);
});

test("a sentence is looked up, and what is put in is never read as one", () => {
  setCatalog({ "crash {node}": "让 {node} 崩溃", Crash: "崩溃" }, "zh");
  try {
    assert.equal(text("crash {node}", { node: "Crash" }), "让 Crash 崩溃");
    assert.equal(text("crash {node}", { node: "{node}" }), "让 {node} 崩溃");
    assert.equal(text("toString"), "toString");
  } finally {
    setCatalog({}, "en");
  }
});

test("a client that gives up is not said to have an answer", () => {
  const of = (outcome: string) => {
    const told = { type: "Returned", id: "c1#1", operation: { name: "put", key: "x", value: 3 }, outcome, result: null };
    return linesOf(event({ host: "c1", indications: [told] }), PROTOCOL)[0]!;
  };
  assert.equal(of("ok").text, "c1 asked for put x=3; answered: stored.");
  assert.equal(of("unknown").text, "c1 gives up on put x=3: it may have been done, or may yet be.");
  assert.equal(of("failed").text, "c1 asked for put x=3; it failed, and had no effect.");
  assert.deepEqual([of("ok").tone, of("unknown").tone, of("failed").tone], ["good", "bad", "bad"]);
});

test("who calls himself a lesson is a person all the same", () => {
  const of = (by: string, by_kind?: "person" | "scenario" | "lesson") =>
    linesOf(event({ kind: "command", command: { type: "heal" }, by, ...(by_kind ? { by_kind } : {}) }), PROTOCOL)[0]!.text;
  assert.equal(of("lesson", "lesson"), "The lesson: heal the partition");
  assert.equal(of("scenario", "scenario"), "The scenario: heal the partition");
  assert.equal(of("lesson", "person"), "lesson: heal the partition");
  assert.equal(of("scenario"), "scenario: heal the partition");
});

test("what is set back to nothing is said too, and what merely is nothing is not", () => {
  const way = { type: "set_link", src: "n1", dst: "n3" } as const;
  assert.equal(commandSentence({ ...way, loss_percent: 0 }, PROTOCOL), "link n1 → n3: loss 0 %");
  assert.equal(commandSentence({ ...way, duplicate_percent: 0, fifo: false }, PROTOCOL), "link n1 → n3: duplicates 0 %, in any order");
  assert.equal(linkSettings({ loss_percent: 0, duplicate_percent: 0, fifo: false, held: false, low: 5_000, high: 9_000 }), "delay 5 ms – 9 ms");
});

test("a field is durable only while the rule is on that makes it so", () => {
  const fields = {
    votedFor: { label: "votedFor", text: "", durable: true, unless: "durable_vote", of: "node" as const },
    log: { label: "log", text: "", durable: true, unless: null, of: "node" as const },
    role: { label: "role", text: "", durable: false, unless: null, of: "node" as const },
  };
  const at = (on: boolean) => ({ protocol: { ...PROTOCOL, fields }, world: world({ rules: { durable_vote: on } }) });
  assert.deepEqual(Object.keys(fields).map((name) => isDurable(at(true), name)), [true, true, false]);
  assert.deepEqual(Object.keys(fields).map((name) => isDurable(at(false), name)), [false, true, false]);
});

test("an answer is told by what its operation asks for", () => {
  const of = (name: string, result: unknown): string => answerLabel({ name }, "ok", result);
  assert.deepEqual([of("acquire", true), of("acquire", false)], ["answered: the lock is taken", "answered: another client holds the lock"]);
  assert.deepEqual([of("release", true), of("release", false)], ["answered: the lock is free", "answered: it did not hold the lock"]);
  assert.deepEqual([of("pop", null), of("add", null), of("add", 7)], ["answered: nothing stored", "answered: nothing done", "answered: 7"]);
  assert.deepEqual([of("transfer", "committed"), of("transfer", true), of("transfer", false)], ["answered: committed", "answered: done", "answered: not done"]);
  assert.equal(answerLabel({ name: "transfer" }, "unknown", true), "unknown");
});
