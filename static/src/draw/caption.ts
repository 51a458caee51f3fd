/** What stands under a picture that is taken away: what it shows, of when, and what its signs mean. */
import type { Protocol, Tone } from "../model/types.ts";
import type { Text } from "./hooks.ts";
import { kindsOf } from "./ringlegend.ts";
import { SvgPen, type Measure } from "./svgpen.ts";
import type { Theme } from "./theme.ts";

/** A colour of arrows and the kinds of messages that have it. */
export interface Sign {
  label: string;
  tone: Tone;
}

const PAD = 12;
const LINE = 20;
const PX = 13;
/** An arrow: half its length, and its head. */
const SIGN = 11;
const HEAD = 5;
/** Between a sign and its word, and between two signs. */
const GAP = { word: 7, signs: 18 };

/** The parts of a caption in lines: a part that has no room in its line begins the next, one longer than a line is cut. */
export function linesOf(parts: readonly string[], width: number, measure: (words: string) => number): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const whole = lines.length ? `${lines[lines.length - 1]} · ${part}` : part;
    if (lines.length && measure(whole) <= width) lines[lines.length - 1] = whole;
    else lines.push(cut(part, width, measure));
  }
  return lines;
}

function cut(words: string, width: number, measure: (words: string) => number): string {
  if (measure(words) <= width) return words;
  const letters = [...words];
  while (letters.length > 1 && measure(`${letters.join("")}…`) > width) letters.pop();
  return `${letters.join("")}…`;
}

/** Signs in rows, as many as have room in each. */
function rowsOf(signs: readonly Sign[], width: number, measure: (words: string) => number): { sign: Sign; x: number; row: number }[] {
  let [x, row] = [0, 0];
  return signs.map(({ tone, label }) => {
    const sign = { tone, label: cut(label, width - 2 * SIGN - GAP.word, measure) };
    const wide = 2 * SIGN + GAP.word + measure(sign.label);
    if (x > 0 && x + wide > width) [x, row] = [0, row + 1];
    const placed = { sign, x, row };
    x += wide + GAP.signs;
    return placed;
  });
}

/** The colours of a space-time diagram's arrows: a request names its answer's too. */
export function arrowsOf(protocol: Protocol, absent: readonly string[], text: Text): Sign[] {
  const names = new Map<Tone, string[]>();
  for (const [, { tone, label, reply }] of kindsOf(protocol, absent)) {
    const known = names.get(tone) ?? [];
    if (!reply || !known.length) names.set(tone, [...known, text(label)]);
  }
  return [...names].map(([tone, labels]) => ({ tone, label: [...new Set(labels)].join(", ") }));
}

/** The strip under a picture of this size (px): its height, and its elements, which begin at the picture's lower edge. */
export function captionOf(
  picture: { width: number; height: number }, parts: readonly string[], signs: readonly Sign[], colours: Theme, measure: Measure,
): { height: number; defs: string; content: string } {
  const { width, height: top } = picture;
  const font = `400 ${PX}px ${colours.font}`;
  const sized = (words: string): number => measure(words, font);
  const lines = linesOf(parts, width - 2 * PAD, sized);
  const placed = rowsOf(signs, width - 2 * PAD, sized);
  const rows = placed.length ? placed[placed.length - 1]!.row + 1 : 0;
  const height = (rows + lines.length) * LINE + PAD;
  const pen = new SvgPen(width, top + height, measure, "c");
  pen.fillStyle = colours.surface;
  pen.fillRect(0, top, width, height);
  pen.strokeStyle = colours.line;
  pen.lineWidth = 1;
  pen.beginPath();
  pen.moveTo(0, top + 0.5);
  pen.lineTo(width, top + 0.5);
  pen.stroke();
  pen.font = font;
  pen.textBaseline = "middle";
  const middle = (row: number): number => top + PAD / 2 + (row + 0.5) * LINE;
  for (const { sign, x, row } of placed) {
    const [tip, y] = [PAD + x + 2 * SIGN, middle(row)];
    pen.strokeStyle = pen.fillStyle = colours.tones[sign.tone];
    pen.lineWidth = 1.9;
    pen.beginPath();
    pen.moveTo(PAD + x, y);
    pen.lineTo(tip - HEAD, y);
    pen.stroke();
    pen.beginPath();
    pen.moveTo(tip, y);
    pen.lineTo(tip - 1.6 * HEAD, y - 0.7 * HEAD);
    pen.lineTo(tip - 1.6 * HEAD, y + 0.7 * HEAD);
    pen.closePath();
    pen.fill();
    pen.fillStyle = colours.ink;
    pen.fillText(sign.label, PAD + x + 2 * SIGN + GAP.word, middle(row));
  }
  pen.fillStyle = colours.ink2;
  lines.forEach((words, i) => pen.fillText(words, PAD, middle(rows + i)));
  return { height, defs: pen.defs, content: pen.content };
}
