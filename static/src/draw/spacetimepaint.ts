/** The space-time diagram's pixels: shading, lifelines, arrows, events, the present. Returns what can be clicked. */

import { inFuture, inPast, type Cone } from "../model/causality.ts";
import { placeOf, roleOf } from "../model/channels.ts";
import type { RoomModel } from "../model/room.ts";
import { Flag, Kind, NONE } from "../model/spacetime.ts";
import type { Viewport } from "../model/viewport.ts";
import type { Tone, World } from "../model/types.ts";
import { arrowHead, cross } from "./glyphs.ts";
import type { Filter, Text } from "./hooks.ts";
import { BOTTOM, ground, gutterOf, TOP, x, type Frame, type Target } from "./spacetimeground.ts";
import { theme, type Theme } from "./theme.ts";

export { gutterOf, type Target };

/** More rows than this in sight are thinned: routine ones first, then every k-th. */
const ROWS_DRAWN_MAX = 2500;
const TARGETS_MAX = 3000;

/** Where it is painted: a canvas, or a picture that is written. */
export interface Paper {
  pen: CanvasRenderingContext2D;
  width: number;
  height: number;
  clear(): void;
}

/** What a picture on paper has beside that. */
export interface OnPaper {
  /** The world at the end of the window: whose roles stand beside the names. */
  world: World;
  /** Draws over it. */
  over(f: Frame): void;
}

export function paint(surface: Paper, model: RoomModel, t: number, view: Viewport, cone: Cone | null, text: Text, filter: Filter, more?: OnPaper): Target[] {
  const { pen, width, height } = surface;
  const hosts = [...model.chronicle.hosts];
  const pitch = (height - TOP - BOTTOM) / hosts.length;
  const gutter = gutterOf(width);
  const y = hosts.map((_, i) => TOP + pitch * (i + 0.5));
  const f: Frame = { pen, colours: theme(), model, t, view, cone, text, filter, width, height, gutter, hosts, y, pitch, targets: [] };
  surface.clear();
  pen.save();
  pen.beginPath();
  pen.rect(gutter, 0, width - gutter, height);
  pen.clip();
  ground(f);
  arrows(f);
  flying(f);
  lostAtSending(f);
  events(f);
  more?.over(f);
  present(f);
  pen.restore();
  names(f, more?.world ?? model.world);
  return f.targets;
}

/* ------------------------------------------------------------------ messages */

type Light = "past" | "future" | "plain" | "dim";

/** Which rows of the window are drawn: all of them, or a thinned choice that keeps what matters. */
export function rowsInSight(f: Frame): number[] {
  const { chronicle } = f.model;
  const [first, end] = chronicle.window(f.view.from, f.view.to);
  const rows: number[] = [];
  if (end - first <= ROWS_DRAWN_MAX) {
    for (let row = first; row < end; row++) rows.push(row);
    return rows;
  }
  const { flags } = chronicle.columns;
  const stride = Math.ceil((end - first) / (ROWS_DRAWN_MAX / 2));
  for (let row = first; row < end; row++) if (row % stride === 0 || (flags[row]! & Flag.key && rows.length < ROWS_DRAWN_MAX)) rows.push(row);
  return rows;
}

function lightOf(f: Frame, host: number, seq: number, cause: number): Light {
  const { cone } = f;
  if (!cone) return "plain";
  if (seq === cone.seq || inPast(cone, host, seq)) return "past";
  const origin = f.model.chronicle.rowOf(cause);
  // An arrow is in the future when its sending is.
  if (origin >= 0 && inFuture(cone, f.model.chronicle.columns.host[origin]!, cause)) return "future";
  return "dim";
}

interface Stroke {
  colour: string;
  width: number;
  alpha: number;
  dashed: boolean;
  paths: [number, number, number, number][];
}

function arrows(f: Frame): void {
  const { pen, model } = f;
  const { columns: c, types } = model.chronicle;
  const tones = types.map((type) => model.protocol.messages[type]!.tone);
  const strokes = new Map<string, Stroke>();
  const heads = f.pitch > 18;
  for (const row of rowsInSight(f)) {
    const kind = c.kind[row]!;
    if (kind !== Kind.deliver && kind !== Kind.lost) continue;
    const [src, dst] = [c.src[row]!, c.dst[row]!];
    if (src === NONE || dst === NONE || c.sent[row]! > f.view.to) continue;
    const tone: Tone | "neutral" = tones[c.type[row]!] ?? "neutral";
    // Heartbeats and answers stand back.
    const hollow = (c.flags[row]! & (Flag.hollow | (tone === "append" ? Flag.plus : 0))) !== 0;
    if (hollow && f.filter === "focus" && !f.cone) continue;
    const beyond = c.time[row]! > f.t;
    const light = lightOf(f, kind === Kind.lost ? NONE : c.host[row]!, c.seq[row]!, c.cause[row]!);
    const lost = kind === Kind.lost;
    const place = lost ? Math.min(0.96, c.place[row]! / 255) : 1;
    const [x0, y0] = [x(f, c.sent[row]!), f.y[src]!];
    const [x1, yEnd] = [x(f, c.time[row]!), f.y[dst]!];
    const y1 = y0 + (yEnd - y0) * place;
    const key = `${tone}${hollow}${beyond}${light}${lost}`;
    let stroke = strokes.get(key);
    if (!stroke) strokes.set(key, (stroke = strokeOf(f.colours, tone, hollow && f.filter !== "all", beyond, light, lost)));
    stroke.paths.push([x0, y0, x1, y1]);
    if (lost) {
      pen.globalAlpha = stroke.alpha;
      cross(pen, x1, y1, 5.5, f.colours.bad, 2.5);
      pen.globalAlpha = 1;
    }
    aim(f, { x: x0, y: y0, x1, y1, seq: c.seq[row]!, selection: { kind: "message", id: c.message[row]!, seq: c.seq[row]! } });
  }
  for (const stroke of strokes.values()) drawStroke(pen, stroke, heads);
}

function strokeOf(colours: Theme, tone: Tone | "neutral", hollow: boolean, beyond: boolean, light: Light, lost: boolean): Stroke {
  const lit = light === "past" ? colours.past : light === "future" ? colours.future : null;
  const alpha = (light === "dim" ? 0.16 : hollow && !lit ? 0.4 : 1) * (beyond ? 0.4 : 1);
  return { colour: lit ?? colours.tones[tone], width: lit ? 2.6 : hollow ? 1.2 : 1.9, alpha, dashed: lost || light === "future", paths: [] };
}

function drawStroke(pen: CanvasRenderingContext2D, stroke: Stroke, heads: boolean): void {
  pen.strokeStyle = pen.fillStyle = stroke.colour;
  pen.lineWidth = stroke.width;
  pen.globalAlpha = stroke.alpha;
  if (stroke.dashed) pen.setLineDash([5, 4]);
  pen.beginPath();
  for (const [x0, y0, x1, y1] of stroke.paths) {
    pen.moveTo(x0, y0);
    pen.lineTo(x1, y1);
  }
  pen.stroke();
  pen.setLineDash([]);
  if (heads) for (const [x0, y0, x1, y1] of stroke.paths) arrowHead(pen, x1, y1, Math.atan2(y1 - y0, x1 - x0), stroke.width > 1.5 ? 8 : 6);
  pen.globalAlpha = 1;
}

function aim(f: Frame, target: Target): void {
  if (f.targets.length < TARGETS_MAX) f.targets.push(target);
}

/** Messages under way, up to where they are now. */
function flying(f: Frame): void {
  const { pen, colours, model, t } = f;
  for (const flight of Object.values(model.world.flights)) {
    if (x(f, t) < f.gutter || x(f, flight.sent) > f.width) continue;
    const [src, dst] = [model.chronicle.hostIndex(flight.src), model.chronicle.hostIndex(flight.dst)];
    if (src === NONE || dst === NONE) continue;
    const place = placeOf(flight, t);
    const [x0, y0, x1] = [x(f, flight.sent), f.y[src]!, x(f, t)];
    const y1 = y0 + (f.y[dst]! - y0) * place;
    const chosen = model.selection?.kind === "message" && model.selection.id === flight.id;
    pen.strokeStyle = pen.fillStyle = chosen ? colours.accent : colours.tones[model.protocol.messages[flight.type]?.tone ?? "neutral"];
    pen.lineWidth = chosen ? 3 : 1.9;
    pen.beginPath();
    pen.moveTo(x0, y0);
    pen.lineTo(x1, y1);
    pen.stroke();
    pen.beginPath();
    pen.arc(x1, y1, 3.5, 0, 2 * Math.PI);
    pen.fill();
    aim(f, { x: x0, y: y0, x1, y1, seq: flight.sent_seq, selection: { kind: "message", id: flight.id } });
  }
}

function lostAtSending(f: Frame): void {
  const { pen, colours, model, view } = f;
  const list = model.chronicle.lostAtSending;
  for (let i = list.length - 1; i >= 0 && list[i]!.time >= view.from; i--) {
    const { time, src, dst, tone, id, seq, hollow } = list[i]!;
    if (time > view.to || src === NONE || dst === NONE) continue;
    const [x0, y0] = [x(f, time), f.y[src]!];
    const y1 = y0 + Math.sign(f.y[dst]! - y0) * Math.min(f.pitch * 0.4, 16);
    pen.strokeStyle = colours.tones[tone];
    pen.globalAlpha = (f.cone ? 0.3 : time > f.t ? 0.4 : 1) * (hollow ? 0.6 : 1);
    pen.lineWidth = 1.6;
    pen.beginPath();
    pen.moveTo(x0, y0);
    pen.lineTo(x0 + 3, y1);
    pen.stroke();
    cross(pen, x0 + 3, y1, hollow ? 3 : 4.5, colours.bad, hollow ? 1.6 : 2.4);
    pen.globalAlpha = 1;
    aim(f, { x: x0, y: y0, x1: x0 + 3, y1, seq, selection: { kind: "message", id, seq } });
  }
}

/* ------------------------------------------------------------------ events and the present */

function events(f: Frame): void {
  const { pen, colours, model, view, cone } = f;
  const { columns: c } = model.chronicle;
  const chosen = cone?.seq ?? -1;
  const roomy = view.span / (f.width - f.gutter) < 6000;
  for (const row of rowsInSight(f)) {
    const [host, time, seq, flags, kind] = [c.host[row]!, c.time[row]!, c.seq[row]!, c.flags[row]!, c.kind[row]!];
    if (host === NONE || time > view.to || time < view.from) continue;
    const key = (flags & Flag.key) !== 0 || kind === Kind.command;
    if (!key && !roomy && seq !== chosen) continue;
    const [at, y] = [x(f, time), f.y[host]!];
    const light = lightOf(f, kind === Kind.lost ? NONE : host, seq, c.cause[row]!);
    const inCone = !cone || light === "past" || inFuture(cone, host, seq);
    pen.globalAlpha = (inCone ? 1 : 0.25) * (time > f.t ? 0.5 : 1);
    pen.fillStyle = flags & Flag.bad ? colours.bad : !cone ? colours.ink : light === "past" ? colours.past : inCone ? colours.future : colours.ink;
    if (kind !== Kind.lost) {
      const r = key ? 4.5 : 2.6;
      pen.beginPath();
      if (kind === Kind.timer) pen.rect(at - r, y - r, r * 2, r * 2);
      else if (kind === Kind.command) {
        pen.moveTo(at, y - 7);
        pen.lineTo(at + 7, y);
        pen.lineTo(at, y + 7);
        pen.lineTo(at - 7, y);
      } else pen.arc(at, y, r, 0, 2 * Math.PI);
      pen.fill();
    }
    if (seq === chosen) {
      pen.globalAlpha = 1;
      pen.strokeStyle = colours.accent;
      pen.lineWidth = 3.5;
      pen.beginPath();
      pen.arc(at, y, 10, 0, 2 * Math.PI);
      pen.stroke();
    }
    aim(f, { x: at, y, seq, selection: { kind: "event", seq } });
  }
  pen.globalAlpha = 1;
}

function present(f: Frame): void {
  const { pen, colours, height } = f;
  const at = x(f, f.t);
  pen.fillStyle = colours.accent;
  pen.fillRect(at - 1.25, TOP - 10, 2.5, height - TOP - BOTTOM + 20);
  pen.beginPath();
  pen.moveTo(at - 7, TOP - 16);
  pen.lineTo(at + 7, TOP - 16);
  pen.lineTo(at, TOP - 6);
  pen.closePath();
  pen.fill();
}

function names(f: Frame, world: World): void {
  const { pen, colours, model } = f;
  pen.textAlign = "left";
  pen.textBaseline = "middle";
  f.hosts.forEach((id, i) => {
    const host = world.hosts[id]!;
    const role = model.protocol.view.node.role;
    const letter = role && host.up ? roleOf(model.protocol.view.node, host)?.letter : undefined;
    pen.font = `700 ${f.pitch > 24 ? 17 : 14}px ${colours.font}`;
    pen.fillStyle = host.up ? colours.ink : colours.bad;
    pen.fillText(id, 6, f.y[i]!);
    pen.font = `700 13px ${colours.font}`;
    pen.fillStyle = host.up ? colours.ink2 : colours.bad;
    pen.fillText(host.up ? (letter ?? "") : "✕", 33, f.y[i]!);
  });
}
