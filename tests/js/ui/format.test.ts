import assert from "node:assert/strict";
import { test } from "node:test";
import { moment, operation, parseTime, positionOf, ratioAt, ratioLabel, show, span, SPEED_STEPS, typed } from "../../../static/src/ui/format.ts";

test("moments have milliseconds, and minutes from the first on", () => {
  assert.equal(moment(0), "0.000 s");
  assert.equal(moment(12_345_678), "12.345 s");
  assert.equal(moment(125_120_000), "2:05.120");
});

test("spans take their natural unit", () => {
  assert.equal(span(300), "300 µs");
  assert.equal(span(12_500), "12.5 ms");
  assert.equal(span(2_000_000), "2 s");
});

test("times are read in seconds, milliseconds, microseconds and minutes", () => {
  assert.equal(parseTime("12.5"), 12_500_000);
  assert.equal(parseTime("12.5 s"), 12_500_000);
  assert.equal(parseTime("300ms"), 300_000);
  assert.equal(parseTime("300 毫秒"), 300_000);
  assert.equal(parseTime("40us"), 40);
  assert.equal(parseTime("2:05.1"), 125_100_000);
});

test("what is no time is none", () => {
  for (const input of ["", "soon", "1h", "-1", "1e9", "1 2", "2:75", "99999999999999999999"]) assert.equal(parseTime(input), null, input);
});

test("the slider runs from 1:1000 to 1:1 on a log scale, there and back", () => {
  assert.equal(ratioAt(0), 1000);
  assert.equal(ratioAt(SPEED_STEPS), 1);
  assert.equal(ratioAt(100), 100);
  assert.equal(ratioAt(200), 10);
  assert.equal(ratioAt(-5), 1000);
  for (const position of [0, 37, 100, 151, 200, 263, 300]) assert.ok(Math.abs(positionOf(ratioAt(position)) - position) <= 2, String(position));
  assert.equal(ratioLabel(2.5), "1:2.5");
});

test("values are written in one line", () => {
  assert.equal(show(null), "–");
  assert.equal(show([]), "∅");
  assert.equal(show(["n1", "n2"]), "n1, n2");
  assert.equal(show({ n2: 4, n3: 5 }), "n2: 4, n3: 5");
  assert.equal(show({ term: 2, command: null }), "(2, no-op)");
  assert.equal(show({ term: 2, command: { name: "put", key: "x", value: 3 } }), "(2, put x=3)");
});

test("operations are written as their clients would", () => {
  assert.equal(operation({ name: "get", key: "x" }), "get x");
  assert.equal(operation({ name: "put", key: "x", value: 0 }), "put x=0");
  assert.equal(operation({ name: "cas", key: "x", expect: 3, value: 4 }), "cas x 3→4");
  assert.equal(operation({ name: "cas", key: "x", expect: null, value: 5 }), "cas x ∅→5");
  assert.equal(operation({ name: "cas", key: "x", expect: 0, value: 5 }), "cas x 0→5");
  assert.equal(operation({ name: "add", key: "x", value: 2 }), "add x+2");
  assert.equal(operation({ name: "push", key: "q", value: "job" }), "push q←job");
  assert.equal(operation({ name: "acquire", key: "door", value: null, client: "c1", serial: 4 }), "acquire door");
});

test("an operation that nobody here has heard of is written with its arguments", () => {
  assert.equal(operation({ name: "transfer", source: "n1", target: "n2", amount: 5 }), "transfer source: n1, target: n2, amount: 5");
  assert.equal(operation({ name: "propose", value: "x1" }), "propose x1");
  assert.equal(operation({ name: "begin", urgent: true, quiet: false, note: null }), "begin urgent");
  assert.equal(operation({ name: "who" }), "who");
});

test("what is typed as a whole number is one", () => {
  assert.equal(typed(" 42 "), 42);
  assert.equal(typed("-1"), -1);
  assert.equal(typed("4.2"), "4.2");
  assert.equal(typed("007x"), "007x");
  assert.equal(typed("12345678901234567890"), "12345678901234567890");
});

test("what a command holds of many parts has its say in the command's name", () => {
  assert.equal(operation({ name: "{1 2}", configuration: { voters: ["n1", "n2"] }, client: "c1", serial: 3 }), "{1 2}");
});
