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
/** Between numbers, and to the edges. */
const GAP = 2;
/** Where a number may stand beside its event: in halves of its width to the side, in pixels above or below. */
const BESIDE: readonly (readonly [number, number])[] = [[0, 14], [0, -13], [0.8, 14], [-0.8, 14], [0.8, -13], [-0.8, -13]];
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
  /** Half of its width. */
  half: number;
}

const taken = (spots: readonly Spot[], { at, y, half }: Spot): boolean => spots.some((spot) => Math.abs(spot.at - at) < spot.half + half + GAP && Math.abs(spot.y - y) < NUMBER_PX);

/** Shapes on the ways of messages, and numbers beside the events that somebody has something to say about. */
export function paperSigns(f: Frame, told: (seq: number) => boolean): void {
  const spots: Spot[] = [];
  numbers(f, told, spots);
  shapes(f, told, spots);
}

/** Where there is no room for all, those stay that matter most. */
function numbers(f: Frame, told: (seq: number) => boolean, spots: Spot[]): void {
  const { pen, colours, model } = f;
  const { columns: c } = model.chronicle;
  pen.font = `600 ${NUMBER_PX}px ${colours.font}`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  const rank = (row: number): number => (c.flags[row]! & Flag.key || c.kind[row] === Kind.command ? 0 : 1);
  for (const row of rowsInSight(f).sort((one, other) => rank(one) - rank(other) || one - other)) {
    const [host, time, seq] = [c.host[row]!, c.time[row]!, c.seq[row]!];
    if (host === NONE || c.kind[row] === Kind.lost || time < f.view.from || time > f.view.to || !told(seq)) continue;
    const half = pen.measureText(String(seq)).width / 2;
    const within = (at: number): number => Math.max(f.gutter + half + GAP, Math.min(f.width - half - GAP, at));
    const spot = BESIDE.map(([dx, dy]) => ({ at: within(x(f, time) + dx * half), y: f.y[host]! + dy, half })).find((each) => !taken(spots, each));
    if (!spot) continue;
    spots.push(spot);
    pen.lineWidth = 3;
    pen.strokeStyle = colours.stage;
    pen.strokeText(String(seq), spot.at, spot.y);
    pen.fillStyle = colours.ink;
    pen.fillText(String(seq), spot.at, spot.y);
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
    const spot = PLACES.map((part) => ({ at: x0 + (x1 - x0) * part, y: y0 + (y1 - y0) * part, half: SHAPE })).find((each) => !taken(spots, each));
    if (!spot) continue;
    const { at, y } = spot;
    spots.push(spot);
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
