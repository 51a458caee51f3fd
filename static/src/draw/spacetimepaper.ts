/**
 * The space-time diagram in black and white: terms are hatchings, each message bears the shape of its kind as on the
 * ring, and events have their numbers, by which the sentences below are found.
 */

import { Flag, Kind, NONE } from "../model/spacetime.ts";
import type { Frame } from "./spacetimeground.ts";
import { x } from "./spacetimeground.ts";
import { rowsInSight } from "./spacetimepaint.ts";
import { trace } from "./glyphs.ts";
import type { Theme } from "./theme.ts";

/** Angle, pitch and grey of the hatching of each hue; as on the ring when a room is printed. */
const HATCHINGS: readonly (readonly [number, number])[] = [[45, 7], [135, 7], [0, 5], [90, 5], [45, 3.5], [135, 3.5]];
const SHAPE = 4.5;
const NUMBER_PX = 10;
/** Numbers and shapes nearer to each other than this would cover one another. */
const APART = 15;
/** Where on its way a message bears its shape: away from both crowds of ends. */
const PLACES = [0.5, 0.35, 0.65, 0.22, 0.78];

/** The patterns that `paperTheme` names. */
export const paperDefs = (): string =>
  HATCHINGS.map(
    ([angle, pitch], i) =>
      `<pattern id="term-${i}" width="${pitch}" height="${pitch}" patternUnits="userSpaceOnUse" patternTransform="rotate(${angle})"><rect width="${pitch}" height="${pitch}" fill="#fff"/><path d="M0 0V${pitch}" stroke="#777" stroke-width="1.4"/></pattern>`,
  ).join("");

export function paperTheme(theme: Theme): Theme {
  const black = "#000";
  return {
    ...theme,
    ink: black, ink2: "#222", line: "#aaa", lineStrong: "#444", surface: "#fff", surface2: "#fff", stage: "#fff", accent: black,
    good: black, bad: black, warn: black, past: black, future: "#444", wall: black, wall2: "#bbb", termNone: "none", termInk: black,
    terms: HATCHINGS.map((_, i) => `url(#term-${i})`),
    tones: { vote: black, append: black, client: black, control: black, neutral: black },
  };
}

interface Spot {
  at: number;
  y: number;
}

const taken = (spots: readonly Spot[], at: number, y: number): boolean => spots.some((spot) => Math.abs(spot.at - at) < APART && Math.abs(spot.y - y) < NUMBER_PX);

/** Shapes on the ways of messages, and numbers beside the events that somebody has something to say about. */
export function paperSigns(f: Frame, told: (seq: number) => boolean): void {
  const spots: Spot[] = [];
  numbers(f, told, spots);
  shapes(f, told, spots);
}

function numbers(f: Frame, told: (seq: number) => boolean, spots: Spot[]): void {
  const { pen, colours, model } = f;
  const { columns: c } = model.chronicle;
  pen.font = `600 ${NUMBER_PX}px ${colours.font}`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  for (const row of rowsInSight(f)) {
    const [host, time, seq] = [c.host[row]!, c.time[row]!, c.seq[row]!];
    if (host === NONE || c.kind[row] === Kind.lost || time < f.view.from || time > f.view.to || !told(seq)) continue;
    const at = x(f, time);
    const y = [f.y[host]! + 14, f.y[host]! - 13].find((each) => !taken(spots, at, each));
    if (y === undefined) continue;
    spots.push({ at, y });
    pen.lineWidth = 3;
    pen.strokeStyle = colours.stage;
    pen.strokeText(String(seq), at, y);
    pen.fillStyle = colours.ink;
    pen.fillText(String(seq), at, y);
  }
}

function shapes(f: Frame, told: (seq: number) => boolean, spots: Spot[]): void {
  const { pen, colours, model } = f;
  const { columns: c, types } = model.chronicle;
  for (const row of rowsInSight(f)) {
    const kind = c.kind[row]!;
    const [src, dst, flags] = [c.src[row]!, c.dst[row]!, c.flags[row]!];
    if ((kind !== Kind.deliver && kind !== Kind.lost) || src === NONE || dst === NONE || flags & Flag.hollow || !told(c.seq[row]!)) continue;
    const spec = model.protocol.messages[types[c.type[row]!]!];
    if (!spec) continue;
    const end = kind === Kind.lost ? Math.min(0.96, c.place[row]! / 255) : 1;
    const [x0, x1] = [x(f, c.sent[row]!), x(f, c.time[row]!)];
    const [y0, y1] = [f.y[src]!, f.y[src]! + (f.y[dst]! - f.y[src]!) * end];
    const place = PLACES.find((part) => !taken(spots, x0 + (x1 - x0) * part, y0 + (y1 - y0) * part));
    if (place === undefined) continue;
    const [at, y] = [x0 + (x1 - x0) * place, y0 + (y1 - y0) * place];
    spots.push({ at, y });
    trace(pen, spec.shape, at, y, SHAPE, Math.atan2(y1 - y0, x1 - x0));
    pen.fillStyle = flags & Flag.minus ? colours.ink : colours.stage;
    pen.strokeStyle = colours.ink;
    pen.lineWidth = 1.3;
    pen.fill();
    pen.stroke();
    if (!(flags & Flag.plus)) continue;
    pen.beginPath(); // yes is a cross in it, no is filled
    pen.moveTo(at - 2.4, y);
    pen.lineTo(at + 2.4, y);
    pen.moveTo(at, y - 2.4);
    pen.lineTo(at, y + 2.4);
    pen.stroke();
  }
}
