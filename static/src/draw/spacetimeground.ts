/** What the space-time diagram stands on: the time axis, partitions, and the lifelines with terms, roles, crashes and pauses. */

import type { Cone } from "../model/causality.ts";
import { filling, termHue, timeLabel } from "../model/channels.ts";
import type { RoomModel } from "../model/room.ts";
import { NONE } from "../model/spacetime.ts";
import type { Viewport } from "../model/viewport.ts";
import type { FieldValue, HostId, Selection, Value } from "../model/types.ts";
import { cross } from "./glyphs.ts";
import type { Filter, Text } from "./hooks.ts";
import { hatch, termFill, type Theme } from "./theme.ts";

/** Room above and below the rows, in pixels. */
export const TOP = 24;
export const BOTTOM = 24;

export interface Target {
  x: number;
  y: number;
  /** An arrow's end. */
  x1?: number;
  y1?: number;
  seq: number;
  selection: Selection;
}

/** Everything that painting one frame needs. */
export interface Frame {
  pen: CanvasRenderingContext2D;
  colours: Theme;
  model: RoomModel;
  t: number;
  view: Viewport;
  cone: Cone | null;
  text: Text;
  filter: Filter;
  width: number;
  height: number;
  gutter: number;
  hosts: HostId[];
  /** Middle of each host's row. */
  y: number[];
  pitch: number;
  targets: Target[];
}

/** Room for the names on the left, in pixels. */
export const gutterOf = (width: number): number => (width < 500 ? 48 : 56);

export const x = (f: Frame, time: number): number => f.gutter + ((time - f.view.from) / f.view.span) * (f.width - f.gutter);

export function ground(f: Frame): void {
  axis(f);
  partitions(f);
  f.hosts.forEach((_, host) => lifeline(f, host));
}

export function axis(f: Frame): void {
  const { pen, colours, view, width, height, gutter } = f;
  const room = (width - gutter) / 110;
  const steps = [1, 2, 5].flatMap((m) => [3, 4, 5, 6, 7, 8, 9].map((e) => m * 10 ** e)).sort((a, b) => a - b);
  const step = steps.find((s) => view.span / s <= room) ?? 5e9;
  pen.font = `13px ${colours.font}`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  for (let time = Math.max(0, Math.ceil(view.from / step) * step); time <= view.to; time += step) {
    const at = x(f, time);
    pen.fillStyle = colours.line;
    pen.globalAlpha = 0.6;
    pen.fillRect(at, TOP - 6, 1, height - TOP - BOTTOM + 12);
    pen.globalAlpha = 1;
    pen.fillStyle = colours.ink2;
    const words = tickLabel(time, step);
    const half = pen.measureText(words).width / 2;
    // Cut off it would say another time.
    if (at - half >= f.gutter && at + half <= f.width) pen.fillText(words, at, height - BOTTOM / 2);
  }
}

/** A time as exact as the steps (µs) of the axis, so that no two ticks say the same. */
function tickLabel(time: number, step: number): string {
  const digits = 6 - Math.floor(Math.log10(step));
  if (time < 1_000_000 || digits <= 2) return timeLabel(time);
  const minutes = Math.floor(time / 60_000_000);
  const seconds = ((time - minutes * 60_000_000) / 1_000_000).toFixed(digits);
  return minutes ? `${minutes}:${seconds.padStart(digits + 3, "0")}` : `${seconds} s`;
}

export function partitions(f: Frame): void {
  const { pen, colours, model, view, height } = f;
  const spans = model.chronicle.spans(NONE, "groups", view.from, Math.min(view.to, horizon(f)), model.world.groups as Value);
  for (const [from, to, value] of spans) {
    if (!Array.isArray(value)) continue;
    const [left, right] = [x(f, from), x(f, to)];
    pen.globalAlpha = 0.22;
    pen.fillStyle = hatch(pen, colours.wall, 11, 2);
    pen.fillRect(left, TOP - 8, right - left, height - TOP - BOTTOM + 16);
    pen.globalAlpha = 1;
    pen.fillStyle = colours.wall;
    for (const edge of [left, right]) pen.fillRect(edge - 1.5, TOP - 8, 3, height - TOP - BOTTOM + 16);
    const label = (value as string[][]).map((group) => group.join(" ")).join(" | ");
    pen.font = `600 13px ${colours.font}`;
    pen.textAlign = "left";
    pen.textBaseline = "middle";
    const visible = Math.max(left, f.gutter);
    const wanted = pen.measureText(`▚ ${label}`).width + 12;
    const start = right - visible >= wanted ? visible + 6 : Math.max(f.gutter + 2, right - wanted);
    if (right - visible > 12) tag(f, `▚ ${label}`, start, TOP / 2 - 1, colours.wall);
  }
}

/** The time up to which anything is known. */
export function horizon(f: Frame): number {
  const { rows, columns } = f.model.chronicle;
  return Math.max(f.t, rows ? columns.time[rows - 1]! : 0);
}

export function tag(f: Frame, label: string, left: number, middle: number, colour: string): void {
  const { pen, colours } = f;
  pen.lineWidth = 4;
  pen.strokeStyle = colours.stage;
  pen.strokeText(label, left, middle);
  pen.fillStyle = colour;
  pen.fillText(label, left, middle);
}

/** Colour and number are the term, a thick line with an outline leads, hatched is down, thin and dotted is paused. */
function lifeline(f: Frame, host: number): void {
  const { pen, colours, model, view } = f;
  const state = model.world.hosts[f.hosts[host]!]!;
  const nodeView = model.protocol.view.node;
  const middle = f.y[host]!;
  const end = Math.min(view.to, horizon(f));
  const chosen = model.selection?.kind === "host" && model.selection.host === f.hosts[host];
  if (chosen) {
    pen.fillStyle = colours.accent;
    pen.globalAlpha = 0.1;
    pen.fillRect(f.gutter, middle - f.pitch / 2, f.width, f.pitch);
    pen.globalAlpha = 1;
  }
  const from = Math.max(0, view.from);
  if (end <= from) return;
  const scalar = (field: string | null): Value => (field ? (state.state[field] as Value) : null) ?? null;
  pen.fillStyle = colours.lineStrong;
  pen.fillRect(x(f, from), middle - 1, x(f, end) - x(f, from), 2);
  if (state.kind === "node") {
    for (const [a, b, fill] of model.chronicle.spans(host, "fill", from, end, scalar(nodeView.fill))) termBand(f, a, b, fill, middle, 4);
    for (const [a, b, role] of model.chronicle.spans(host, "role", from, end, scalar(nodeView.role))) {
      const edge = nodeView.roles[String(role)]?.edge;
      if (edge === "double") leads(f, host, a, b, middle);
      else if (edge === "dashed") campaigns(f, a, b, middle);
    }
  }
  for (const [a, b, up] of model.chronicle.spans(host, "up", from, end, state.up)) if (up === false) down(f, a, b, middle);
  for (const [a, b, paused] of model.chronicle.spans(host, "paused", from, end, state.paused)) if (paused === true) waits(f, a, b, middle);
}

function termBand(f: Frame, from: number, to: number, fill: Value, middle: number, half: number): void {
  const { pen, colours } = f;
  const printed = filling(fill as FieldValue);
  const hue = termHue(printed);
  pen.fillStyle = termFill(colours, hue);
  const [left, right] = [x(f, from), x(f, to)];
  pen.fillRect(left, middle - half, right - left, half * 2);
  const visible = Math.max(left, f.gutter);
  if (hue === null || right - visible < 16 || f.pitch < 26) return;
  pen.font = `600 12px ${colours.font}`;
  pen.textAlign = "left";
  pen.textBaseline = "middle";
  tag(f, String(printed), visible + 4, middle - half - 8, colours.ink2);
}

function leads(f: Frame, host: number, from: number, to: number, middle: number): void {
  const { pen, colours, model } = f;
  const now = (model.world.hosts[f.hosts[host]!]?.state[model.protocol.view.node.fill ?? ""] ?? null) as Value;
  for (const [a, b, fill] of model.chronicle.spans(host, "fill", from, to, now)) {
    const hue = termHue(filling(fill as FieldValue));
    pen.fillStyle = termFill(colours, hue);
    pen.fillRect(x(f, a), middle - 7, x(f, b) - x(f, a), 14);
  }
  pen.strokeStyle = colours.ink;
  pen.lineWidth = 2;
  pen.strokeRect(x(f, from), middle - 7, x(f, to) - x(f, from), 14);
}

function campaigns(f: Frame, from: number, to: number, middle: number): void {
  const { pen, colours } = f;
  pen.strokeStyle = colours.ink;
  pen.lineWidth = 2;
  pen.setLineDash([5, 4]);
  pen.strokeRect(x(f, from), middle - 6, Math.max(2, x(f, to) - x(f, from)), 12);
  pen.setLineDash([]);
}

function down(f: Frame, from: number, to: number, middle: number): void {
  const { pen, colours } = f;
  const [left, right] = [x(f, from), x(f, to)];
  const half = Math.min(14, f.pitch / 2 - 1);
  pen.fillStyle = colours.stage;
  pen.fillRect(left, middle - half, right - left, half * 2);
  pen.fillStyle = hatch(pen, colours.bad, 7, 1.6);
  pen.fillRect(left, middle - half, right - left, half * 2);
  cross(pen, left, middle, 8, colours.bad, 3.5);
}

function waits(f: Frame, from: number, to: number, middle: number): void {
  const { pen, colours } = f;
  const half = Math.min(11, f.pitch / 2 - 1);
  pen.fillStyle = hatch(pen, colours.ink2, 6, 1.2, true);
  pen.fillRect(x(f, from), middle - half, x(f, to) - x(f, from), half * 2);
}
