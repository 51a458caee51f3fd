/** What links and frames say beside the run: read strictly, written as short as can be. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { embedAddress, embedQuery, FIRST_OPTIONS, iframeLine, isLoopback, offsetsOf, placesOf, readEmbedQuery, readLook, type EmbedOptions } from "../../../static/src/model/links.ts";

test("a look comes back, and what does not fit is left out", () => {
  const look = { select: { kind: "entry", host: "n1", field: "log", position: 3 }, panel: "spacetime", board: 1, filter: "all", window: { span: 400_000, from: -20_000 }, places: { n1: [120, -80] } };
  assert.deepEqual(readLook(JSON.parse(JSON.stringify(look))), look);
  for (const select of [
    { kind: "host", host: "c1" },
    { kind: "link", src: "n1", dst: "n2" },
    { kind: "message", id: 7 },
    { kind: "message", id: 7, seq: 9 },
    { kind: "event", seq: 0 },
  ]) {
    assert.deepEqual(readLook({ select }), { select });
    assert.deepEqual(readLook({ select: { ...select, kind: "wish" } }), {});
  }
  const places = [{ n1: [2000, 0] }, { "<b>": [1, 1] }, { n1: [1] }].map((each) => ({ places: each }));
  const windows = [{ from: 3 }, { span: 0.5 }, { span: 1e12 }].map((each) => ({ window: each }));
  const others = [{ select: { kind: "host", host: "<b>" } }, { panel: 5 }, { board: -1 }, { board: 99 }, { filter: "none" }];
  for (const wrong of [null, 5, "look", [], ...others, ...windows, ...places]) assert.deepEqual(readLook(wrong), {});
});

test("a window that follows the run says no beginning, and dragged hosts come back where they stood", () => {
  assert.deepEqual(readLook({ window: { span: 90_000 } }), { window: { span: 90_000 } });
  const places = placesOf({ n2: { x: 0.1234, y: -0.5 }, c1: { x: 9, y: 0 } });
  assert.deepEqual(places, { n2: [123, -500], c1: [1000, 0] });
  assert.deepEqual(offsetsOf(places!), { n2: { x: 0.123, y: -0.5 }, c1: { x: 1, y: 0 } });
  assert.equal(placesOf({}), null);
});

test("what is chosen for a frame stands in its address and is read from it", () => {
  const every: EmbedOptions = { panels: ["spacetime", "feed"], lang: "zh", theme: "dark", from: 0, autoplay: true, acts: true };
  for (const options of [every, FIRST_OPTIONS]) assert.deepEqual(readEmbedQuery(new URLSearchParams(embedQuery(options))), options);
  assert.equal(embedQuery(FIRST_OPTIONS), "");
  const strange = readEmbedQuery(new URLSearchParams("panels=kitchen,feed&lang=fr&theme=<b>&from=-1&autoplay=yes&acts=true&more=1"));
  assert.deepEqual(strange, { ...FIRST_OPTIONS, panels: ["feed"] });
});

test("the frame of a link has its place, its choices and its text", () => {
  const options = { ...FIRST_OPTIONS, autoplay: true };
  assert.equal(embedAddress("https://q.example", "/l#1abc", options), "https://q.example/embed?autoplay=1#1abc");
  assert.equal(embedAddress("https://q.example", "/l/abcdefghjkmn", FIRST_OPTIONS), "https://q.example/embed/abcdefghjkmn");
});

test("a title can't leave its attribute", () => {
  const line = iframeLine("https://q.example/embed?lang=zh&acts=1#1a", 'He said "x" <b>', { width: 800, height: 560 });
  assert.ok(line.includes('src="https://q.example/embed?lang=zh&amp;acts=1#1a" title="He said &quot;x&quot; &lt;b&gt;"'));
});

test("an address of the machine itself is told from one that others can open", () => {
  for (const own of ["localhost", "LOCALHOST", "room.localhost", "127.0.0.1", "127.1.2.3", "[::1]"]) assert.equal(isLoopback(own), true, own);
  for (const other of ["192.168.0.12", "localhost.example", "1270.0.0.1", "127.example", "10.127.0.0", "[::2]", "0.0.0.0"]) assert.equal(isLoopback(other), false, other);
});
