import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { svgDocument, SvgPen } from "../../../static/src/draw/svgpen.ts";

const pen = (): SvgPen => new SvgPen(100, 50, (text) => text.length * 6);

/** The drawings, wherever the bundled test was put: tests run from the top folder or from static. */
const DRAWINGS = ["static/src/draw", "src/draw", "../static/src/draw"].find((path) => {
  try {
    return readdirSync(path).length > 0;
  } catch {
    return false;
  }
})!;

test("everything that a drawing asks of its pen is there, so that any of them can be written", () => {
  const known = pen() as unknown as Record<string, unknown>;
  const asked = new Set<string>();
  for (const name of readdirSync(DRAWINGS)) {
    if (name === "svgpen.ts") continue;
    for (const [, member] of readFileSync(join(DRAWINGS, name), "utf8").matchAll(/\bpen\.([a-zA-Z]+)/g)) asked.add(member!);
  }
  // The tile of a hatching and the pixels of a screen are no part of a picture.
  for (const own of ["scale", "setTransform"]) asked.delete(own);
  assert.ok(asked.size > 20);
  assert.deepEqual([...asked].filter((member) => known[member] === undefined), []);
});

test("paths, rectangles and alpha", () => {
  const p = pen();
  p.beginPath();
  p.moveTo(1, 2.006);
  p.lineTo(3.14159, 4);
  p.closePath();
  p.strokeStyle = "#123456";
  p.lineWidth = 2;
  p.globalAlpha = 0.5;
  p.setLineDash([5, 4]);
  p.stroke();
  assert.equal(p.content, '<path d="M1 2.01L3.14 4Z" fill="none" stroke="#123456" stroke-width="2" stroke-dasharray="5 4" stroke-opacity="0.5"/>');
  const q = pen();
  q.fillStyle = "red";
  q.fillRect(10, 10, -4, 6);
  assert.equal(q.content, '<rect x="6" y="10" width="4" height="6" fill="red"/>');
});

test("a whole circle is two arcs, and an arc goes on from where the path is", () => {
  const p = pen();
  p.beginPath();
  p.arc(10, 10, 5, 0, 2 * Math.PI);
  p.fill();
  assert.equal(p.content, '<path d="M15 10A5 5 0 1 1 5 10A5 5 0 1 1 15 10" fill="#000"/>');
  const q = pen();
  q.beginPath();
  q.moveTo(0, 0);
  q.arc(10, 10, 5, 0, Math.PI / 2);
  q.fill();
  assert.equal(q.content, '<path d="M0 0L15 10A5 5 0 0 1 10 15" fill="#000"/>');
});

test("a line into an empty path begins it, and an empty path leaves nothing", () => {
  const p = pen();
  p.beginPath();
  p.fill();
  p.lineTo(1, 1);
  p.lineTo(2, 2);
  p.fill();
  assert.equal(p.content, '<path d="M1 1L2 2" fill="#000"/>');
});

test("words stand where a canvas puts them, and foreign ones are no markup", () => {
  const p = pen();
  p.font = '600 20px system-ui, "Segoe UI"';
  p.textAlign = "center";
  p.textBaseline = "middle";
  p.fillText('<b>"n1" & \u0007co', 50, 10);
  assert.equal(
    p.content,
    '<text x="50" y="17" text-anchor="middle" font-family="system-ui, &#34;Segoe UI&#34;" font-size="20" font-weight="600" fill="#000">&#60;b&#62;&#34;n1&#34; &#38; co</text>',
  );
  assert.equal(p.measureText("abc").width, 18);
});

test("a clip ends with its restore, and the state comes back", () => {
  const p = pen();
  p.fillStyle = "blue";
  p.save();
  p.beginPath();
  p.rect(0, 0, 10, 10);
  p.clip();
  p.fillStyle = "red";
  p.fillRect(0, 0, 1, 1);
  p.restore();
  p.fillRect(0, 0, 2, 2);
  assert.equal(p.content, '<g clip-path="url(#p1)"><rect x="0" y="0" width="1" height="1" fill="red"/></g><rect x="0" y="0" width="2" height="2" fill="blue"/>');
  assert.equal(p.defs, '<clipPath id="p1"><path d="M0 0h10v10h-10Z"/></clipPath>');
  p.save();
  p.clip();
  assert.equal((p.content.match(/<g /g) ?? []).length, (p.content.match(/<\/g>/g) ?? []).length);
});

test("what is taken away is masked out of what was there, and not of what comes after", () => {
  const p = pen();
  p.fillRect(0, 0, 20, 20);
  p.save();
  p.globalCompositeOperation = "destination-out";
  p.beginPath();
  p.rect(5, 5, 2, 2);
  p.fill();
  p.restore();
  p.fillRect(1, 1, 1, 1);
  assert.equal(p.content, '<g mask="url(#p1)"><rect x="0" y="0" width="20" height="20" fill="#000"/></g><rect x="1" y="1" width="1" height="1" fill="#000"/>');
  assert.match(p.defs, /^<mask id="p1" maskUnits="userSpaceOnUse" .*<rect [^>]*fill="#fff"\/><path d="M5 5h2v2h-2Z" fill="#000"\/><\/mask>$/);
});

test("equal hatchings are one pattern, different ones are not", () => {
  const p = new SvgPen(10, 10, () => 0, "a");
  assert.deepEqual([p.hatch("red", 8, 1, false), p.hatch("red", 8, 1, true), p.hatch("red", 8, 1, false)], ["url(#a1)", "url(#a2)", "url(#a1)"]);
  assert.equal((p.defs.match(/<pattern/g) ?? []).length, 2);
});

test("a cleared picture is empty, and a part of it can't be cleared", () => {
  const p = pen();
  p.fillRect(0, 0, 5, 5);
  p.clearRect(0, 0, 100, 50);
  assert.equal(p.content, "");
  assert.throws(() => p.clearRect(0, 0, 5, 5));
});

test("a document names its size and its title", () => {
  const written = svgDocument({ width: 100, height: 50.5, title: "Raft & co", ground: "#fff", defs: "", content: "<g/>" });
  assert.equal(
    written,
    '<svg xmlns="http://www.w3.org/2000/svg" width="100" height="50.5" viewBox="0 0 100 50.5" role="img"><title>Raft &#38; co</title><rect width="100" height="50.5" fill="#fff"/><g/></svg>\n',
  );
});
