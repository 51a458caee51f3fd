import assert from "node:assert/strict";
import { test } from "node:test";
import { actOf, BINDINGS, free, keyLabel, stroke } from "../../../static/src/ui/keys.ts";

test("every stroke means one thing", () => {
  const all = BINDINGS.flatMap((binding) => binding.keys);
  assert.equal(new Set(all).size, all.length);
});

test("letters mean the same with and without shift, arrows do not", () => {
  assert.equal(stroke({ key: "G", shiftKey: true }), "g");
  assert.equal(stroke({ key: "?", shiftKey: true }), "?");
  assert.equal(actOf(stroke({ key: "ArrowRight", shiftKey: false })), "next_event");
  assert.equal(actOf(stroke({ key: "ArrowRight", shiftKey: true })), "next_ten");
  assert.equal(actOf("j"), null);
});

test("no shortcut fires where a person writes", () => {
  for (const type of ["text", "search", "number", ""]) assert.equal(free("c", { tagName: "INPUT", type }), false);
  assert.equal(free("c", { tagName: "TEXTAREA" }), false);
  assert.equal(free("c", { tagName: "SELECT" }), false);
  assert.equal(free("c", { tagName: "DIV", isContentEditable: true }), false);
});

test("shortcuts go on after a click anywhere else", () => {
  assert.equal(free("c", null), true);
  assert.equal(free("c", { tagName: "BODY" }), true);
  assert.equal(free("c", { tagName: "BUTTON" }), true);
  assert.equal(free("ArrowRight", { tagName: "BUTTON" }), true);
  assert.equal(free("c", { tagName: "INPUT", type: "checkbox" }), true);
});

test("a control keeps the keys that it needs itself", () => {
  assert.equal(free(" ", { tagName: "BUTTON" }), false);
  assert.equal(free("ArrowRight", { tagName: "INPUT", type: "range" }), false);
  assert.equal(free("ArrowRight", { tagName: "BUTTON", role: "tab" }), false);
  assert.equal(free("c", { tagName: "INPUT", type: "range" }), true);
  assert.equal(free(" ", { tagName: "INPUT", type: "range" }), true);
  assert.equal(free(" ", { tagName: "DIV", role: "slider" }), true);
});

test("keys are printed as people know them", () => {
  assert.equal(keyLabel(" "), "Space");
  assert.equal(keyLabel("ArrowLeft"), "←");
  assert.equal(keyLabel("Shift+ArrowRight"), "Shift →");
  assert.equal(keyLabel("+"), "+");
  assert.equal(keyLabel("c"), "C");
});
