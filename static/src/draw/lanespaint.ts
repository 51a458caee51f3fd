/** The pixels of the clients' lanes: faults behind them, a bar an operation, its moment, what can't be. Returns what can be clicked. */

import { commandLabel, brief } from "../model/channels.ts";
import { standingEvent, type Standing } from "../model/judged.ts";
import type { RoomModel } from "../model/room.ts";
import type { Viewport } from "../model/viewport.ts";
import type { HostId, Operation, Value } from "../model/types.ts";
import { cross } from "./glyphs.ts";
import type { Filter, Text } from "./hooks.ts";
import { axis, BOTTOM, gutterOf, partitions, tag, TOP, x, type Frame, type Target } from "./spacetimeground.ts";
import { hatch, textWidth, theme, type Surface } from "./theme.ts";

const BAR = 16;
const POINT = 5.5;
/** Height of a node's line in the strip of crashes, and of its heading. */
const DOWN = 7;
const HEADING = 16;
const LABEL = 13;

export function paintLanes(surface: Surface, model: RoomModel, t: number, view: Viewport, all: readonly Standing[], text: Text, filter: Filter): Target[] {
  const { pen, width, height } = surface;
  const hosts = [...model.clients];
  const down = crashesOf(model, t, view);
  const strip = HEADING + (down.length ? down.length * DOWN + 5 : 0);
  const pitch = (height - TOP - BOTTOM - strip) / Math.max(1, hosts.length);
  const gutter = gutterOf(width);
  const y = hosts.map((_, i) => TOP + pitch * (i + 0.5) + 6);
  const f: Frame = { pen, colours: theme(), model, t, view, cone: null, text, filter, width, height, gutter, hosts, y, pitch, targets: [] };
  surface.clear();
  crashStrip(f, down.length > 0, height - BOTTOM - strip);
  pen.save();
  pen.beginPath();
  pen.rect(gutter, 0, width - gutter, height);
  pen.clip();
  axis(f);
  partitions(f);
  crashes(f, down, height - BOTTOM - strip + HEADING);
  hosts.forEach((client, i) => lane(f, all.filter(({ operation }) => operation.client === client), y[i]!));
  orderOfSelected(f, all);
  present(f);
  pen.restore();
  names(f);
  return f.targets;
}

interface Crashed {
  id: HostId;
  /** From, to, in µs. */
  spans: [number, number][];
}

/** The nodes that are down somewhere in the window. */
function crashesOf(model: RoomModel, t: number, view: Viewport): Crashed[] {
  const { rows, columns } = model.chronicle;
  const end = Math.min(view.to, Math.max(t, rows ? columns.time[rows - 1]! : 0));
  return model.nodes
    .map((id) => {
      const all = model.chronicle.spans(model.chronicle.hostIndex(id), "up", Math.max(0, view.from), end, model.world.hosts[id]!.up);
      return { id, spans: all.filter(([, , up]) => up === false).map(([from, to]): [number, number] => [from, to]) };
    })
    .filter(({ spans }) => spans.length > 0);
}

/** The ground on which crashes stand: no lane, for nobody asks anything there. */
function crashStrip(f: Frame, any: boolean, top: number): void {
  const { pen, colours, width, height } = f;
  pen.fillStyle = colours.surface2;
  pen.fillRect(0, top, width, height - BOTTOM - top);
  pen.fillStyle = colours.lineStrong;
  pen.fillRect(0, top, width, 1);
  pen.font = `500 12px ${colours.font}`;
  pen.textAlign = "left";
  pen.textBaseline = "middle";
  pen.fillStyle = colours.ink2;
  pen.fillText(any ? f.text("Nodes that are down") : f.text("No node is down here."), 6, top + HEADING / 2 + 1);
}

/** A thin hatched line for each node while it is down, with its name. */
function crashes(f: Frame, down: readonly Crashed[], top: number): void {
  const { pen, colours } = f;
  down.forEach(({ id, spans }, i) => {
    const middle = top + DOWN * (i + 0.5);
    for (const [from, to] of spans) {
      const [left, right] = [x(f, from), x(f, to)];
      pen.fillStyle = hatch(pen, colours.bad, 5, 1.6);
      pen.fillRect(left, middle - DOWN / 2 + 0.5, right - left, DOWN - 1);
      cross(pen, left, middle, 3.5, colours.bad, 2);
      pen.font = `600 11px ${colours.font}`;
      pen.textAlign = "left";
      pen.textBaseline = "middle";
      if (right - left > 40) tag(f, id, Math.max(left, f.gutter) + 6, middle, colours.bad);
    }
  });
}

/** The bars of one client, oldest first; labels end where the next operation begins. */
function lane(f: Frame, standings: readonly Standing[], middle: number): void {
  const { pen, colours } = f;
  pen.fillStyle = colours.line;
  pen.fillRect(f.gutter, middle - 0.5, f.width - f.gutter, 1);
  standings.forEach((standing, i) => {
    const { invoked, returned } = standing.operation;
    if (invoked > f.view.to || (returned ?? Infinity) < f.view.from) return;
    const next = standings[i + 1]?.operation.invoked;
    bar(f, standing, middle, next === undefined ? f.width : x(f, next));
  });
}

function bar(f: Frame, standing: Standing, middle: number, room: number): void {
  const { pen, colours, model } = f;
  const { operation, error, against, point } = standing;
  const pending = operation.returned === null;
  const left = x(f, operation.invoked);
  const right = Math.max(left + 3, pending ? x(f, f.t) : x(f, operation.returned!));
  const top = middle - BAR / 2;
  fill(f, operation, left, right, top);
  pen.lineWidth = error ? 3 : against.length ? 2.5 : 1.4;
  pen.strokeStyle = error || against.length ? colours.bad : colours.ink2;
  pen.setLineDash(error ? [] : against.length ? [6, 3] : []);
  pen.beginPath();
  pen.moveTo(right, top);
  pen.lineTo(left, top);
  pen.lineTo(left, top + BAR);
  pen.lineTo(right, top + BAR);
  if (!pending) pen.closePath(); // one that has not returned stays open
  pen.stroke();
  pen.setLineDash([]);
  if (error) cross(pen, right, middle, 7, colours.bad, 3.5);
  else if (operation.outcome === "failed") cross(pen, right, middle, 4, colours.ink2, 2);
  if (point !== null && !error) dot(f, x(f, point), middle);
  const seq = model.selection?.kind === "event" ? model.selection.seq : null;
  if (standingEvent(standing, seq) !== null) {
    pen.strokeStyle = colours.accent;
    pen.lineWidth = 3;
    pen.strokeRect(left - 4, top - 4, right - left + 8, BAR + 8);
  }
  label(f, standing, Math.max(left, f.gutter + 2), Math.max(room, right) - 4, top - 8);
  f.targets.push({ x: left, x1: right, y: middle, seq: operation.returned_seq ?? operation.invoked_seq, selection: { kind: "event", seq: operation.returned_seq ?? operation.invoked_seq } });
}

/** Answered is filled, waiting is pale, unknown is hatched, failed is empty. */
function fill(f: Frame, operation: Operation, left: number, right: number, top: number): void {
  const { pen, colours } = f;
  pen.fillStyle = colours.stage;
  pen.fillRect(left, top, right - left, BAR);
  if (operation.outcome === "failed") return;
  pen.globalAlpha = operation.outcome === "ok" ? 0.45 : 0.2;
  pen.fillStyle = colours.tones.client;
  if (operation.outcome === "unknown") {
    pen.globalAlpha = 1;
    pen.fillStyle = hatch(pen, colours.ink2, 7, 1.6);
  }
  pen.fillRect(left, top, right - left, BAR);
  pen.globalAlpha = 1;
}

function dot(f: Frame, at: number, middle: number): void {
  const { pen, colours } = f;
  pen.fillStyle = colours.ink;
  pen.strokeStyle = colours.stage;
  pen.lineWidth = 2;
  pen.fillRect(at - 1, middle - BAR / 2 - 3, 2, BAR + 6);
  pen.beginPath();
  pen.arc(at, middle, POINT, 0, 2 * Math.PI);
  pen.fill();
  pen.stroke();
}

/** What was asked and, shortly, what came back: "x=3", "x? 3", "x:1→2 ✗"; as much as there is room for. */
function label(f: Frame, { operation, error }: Standing, left: number, room: number, middle: number): void {
  const { pen, colours } = f;
  const asked = commandLabel(operation.operation as Value);
  const answer = operation.outcome === "unknown" ? "?" : operation.outcome === "failed" ? "−" : operation.outcome === null ? "…" : told(operation);
  const whole = answer ? `${asked} ${answer}` : asked;
  const weight = error ? 700 : 500;
  const words = [whole, asked].find((each) => textWidth(each, LABEL, weight) <= room - left);
  if (!words) return;
  pen.font = `${weight} ${LABEL}px ${colours.font}`;
  pen.textAlign = "left";
  pen.textBaseline = "middle";
  tag(f, words, left, middle, error ? colours.bad : colours.ink);
}

/** The answer, where it says more than that it was done. */
function told({ operation, result }: Operation): string {
  if (operation.name === "put") return "";
  if (operation.name === "get" || operation.name === "pop") return result === null ? "∅" : brief(result);
  return brief(result);
}

/** The moments of the selected operation's key joined in their order, from client to client. */
function orderOfSelected(f: Frame, all: readonly Standing[]): void {
  const { pen, colours, model } = f;
  const seq = model.selection?.kind === "event" ? model.selection.seq : null;
  const chosen = seq === null ? undefined : all.find((each) => standingEvent(each, seq) !== null);
  if (!chosen) return;
  const order = all.filter((each) => each.key === chosen.key && each.point !== null && !each.error).sort((a, b) => a.place! - b.place!);
  pen.strokeStyle = colours.accent;
  pen.lineWidth = 1.8;
  pen.globalAlpha = 0.75;
  pen.beginPath();
  order.forEach((each, i) => {
    const lane = f.hosts.indexOf(each.operation.client);
    const [at, y] = [x(f, each.point!), f.y[lane] ?? 0];
    if (i === 0) pen.moveTo(at, y);
    else pen.lineTo(at, y);
  });
  pen.stroke();
  pen.globalAlpha = 1;
  for (const each of order) {
    const at = x(f, each.point!);
    const y = f.y[f.hosts.indexOf(each.operation.client)];
    if (at < f.gutter || at > f.width || y === undefined) continue;
    pen.font = `600 11px ${colours.font}`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    tag(f, String(each.place), at, y + BAR / 2 + 10, colours.accent);
  }
}

function present(f: Frame): void {
  const { pen, colours, height } = f;
  pen.fillStyle = colours.accent;
  pen.fillRect(x(f, f.t) - 1.25, TOP - 10, 2.5, height - TOP - BOTTOM + 20);
}

function names(f: Frame): void {
  const { pen, colours } = f;
  pen.textAlign = "left";
  pen.textBaseline = "middle";
  pen.font = `700 ${f.pitch > 24 ? 16 : 13}px ${colours.font}`;
  pen.fillStyle = colours.ink;
  f.hosts.forEach((id, i) => pen.fillText(id, 6, f.y[i]!));
}
