import assert from "node:assert/strict";
import { test } from "node:test";
import { arrowsOf, captionOf, linesOf } from "../../../static/src/draw/caption.ts";
import type { Theme } from "../../../static/src/draw/theme.ts";
import type { Protocol } from "../../../static/src/model/types.ts";

const measure = (words: string): number => [...words].length * 10;
const colours = { ink: "#111", ink2: "#222", line: "#ccc", surface: "#fff", font: "sans", tones: { vote: "#a0a", append: "#00a", client: "#850", control: "#a00", neutral: "#000" } } as unknown as Theme;
const protocol = {
  messages: {
    RequestVote: { tone: "vote", label: "RequestVote", reply: null },
    Vote: { tone: "vote", label: "Vote", reply: "granted" },
    AppendEntries: { tone: "append", label: "AppendEntries", reply: null },
    Snapshot: { tone: "append", label: "InstallSnapshot", reply: null },
    ClientRequest: { tone: "client", label: "client request", reply: null },
  },
} as unknown as Protocol;

test("parts share a line while they have room, and one that is too long for a line ends in dots", () => {
  assert.deepEqual(linesOf(["Raft", "5 nodes", "branch A"], 1_000, measure), ["Raft · 5 nodes · branch A"]);
  assert.deepEqual(linesOf(["Raft", "5 nodes", "branch A"], 140, measure), ["Raft · 5 nodes", "branch A"]);
  assert.deepEqual(linesOf(["a name without an end"], 100, measure), ["a name wi…"]);
});

test("a colour of arrows has the names of the messages that can fly in it, without the answers'", () => {
  assert.deepEqual(arrowsOf(protocol, ["Snapshot"], (msgid) => msgid), [
    { tone: "vote", label: "RequestVote" }, { tone: "append", label: "AppendEntries" }, { tone: "client", label: "client request" },
  ]);
  assert.equal(arrowsOf(protocol, [], (msgid) => msgid)[1]!.label, "AppendEntries, InstallSnapshot");
});

test("all of a caption stands under its picture and within its width, and what is foreign is no markup", () => {
  const signs = arrowsOf(protocol, [], (msgid) => msgid);
  const wide = captionOf({ width: 900, height: 300 }, ["Raft", "branch <b>&"], signs, colours, measure);
  const narrow = captionOf({ width: 320, height: 300 }, ["Raft", "branch <b>&"], signs, colours, measure);
  assert.ok(narrow.height > wide.height);
  assert.ok(wide.content.includes("&#60;b&#62;&#38;") && !wide.content.includes("<b>"));
  for (const { content, height } of [wide, narrow]) {
    for (const [, y] of content.matchAll(/ y="([\d.]+)"/g)) assert.ok(Number(y) >= 300 && Number(y) < 300 + height, y);
  }
  for (const [, x, label] of narrow.content.matchAll(/<text x="([\d.]+)"[^>]*>([^<]*)</g)) assert.ok(Number(x) + measure(label!) <= 320, label);
});
