/**
 * Messages in flight, bursts of lost ones and election arcs: everything on the ring that moves, on one canvas.
 *
 * Where a message stands is a function of the world and the time alone, so that pausing, stepping back and slow motion
 * are all the same thing. A burst is one too: it lasts a span of virtual time that depends on the speed.
 */

import { filling, messageChannels, nodeChannels, placeOf, termHue, type MessageChannels } from "../model/channels.ts";
import { lane, type Spot, type Stage } from "../model/layout.ts";
import type { RoomModel } from "../model/room.ts";
import type { FieldValue, Flight, HostId, RunEvent } from "../model/types.ts";
import type { Filter } from "./hooks.ts";
import { LANE } from "./ringlinks.ts";
import { ROOMY, type Box, type Circle } from "./ringnode.ts";
import { Surface, termFill, theme, type Theme } from "./theme.ts";
import { burst, glyph } from "./glyphs.ts";

/** More than these are not drawn: nobody could tell them apart. */
export const FLIGHTS_MAX = 500;
const BEADS_MAX = 6;
/** While playing, a burst lasts this long on the wall clock at the room's speed. */
const BURST_MS = 500;
/** How far a burst has opened where the run stands still. */
const BURST_STILL = 0.35;
const BURST_EVENTS_MAX = 400;
const HIT = 14;
/** Between these angles stands the letter of the role. */
const BADGE = [-Math.PI / 4 - 0.37, -Math.PI / 4 + 0.37] as const;

interface Known {
  channels: MessageChannels;
  /** A heartbeat or the answer to one. */
  routine: boolean;
}

interface Drawn {
  id: number;
  x: number;
  y: number;
  seq?: number;
}

export class Flights {
  readonly surface = new Surface("ring-flights");
  private drawn: Drawn[] = [];
  private readonly kinds = new Map<number, Known>();

  /** `covers`: what messages pass behind. */
  render(model: RoomModel, t: number, stage: Stage, filter: Filter, covers: readonly { circles: Circle[]; boxes: Box[] }[]): void {
    const { pen } = this.surface;
    const colours = theme();
    this.surface.fit(stage.box.width, stage.box.height);
    this.surface.clear();
    this.drawn = [];
    for (const id of model.nodes) this.arc(pen, colours, model, t, id, stage);
    if (!model.playing || model.detached) this.latest(pen, colours, model, stage);
    this.bursts(pen, colours, model, t, stage);
    const flights = Object.values(model.world.flights);
    const first = Math.max(0, flights.length - FLIGHTS_MAX);
    if (this.kinds.size > 4 * FLIGHTS_MAX) this.kinds.clear();
    const chosen = model.selection?.kind === "message" ? model.selection.id : null;
    for (let i = first; i < flights.length; i++) {
      if (filter === "focus" && flights[i]!.id !== chosen && this.known(model, flights[i]!).routine) continue;
      this.flight(pen, colours, model, flights[i]!, t, stage, chosen, filter !== "all");
    }
    this.uncover(pen, covers);
  }

  /** Names, numbers and letters of roles lie under this canvas: here it is emptied. */
  private uncover(pen: CanvasRenderingContext2D, covers: readonly { circles: Circle[]; boxes: Box[] }[]): void {
    pen.save();
    pen.globalCompositeOperation = "destination-out";
    pen.globalAlpha = 1;
    pen.fillStyle = "#000";
    pen.beginPath();
    for (const { circles, boxes } of covers) {
      for (const { x, y, r } of circles) {
        pen.moveTo(x + r, y);
        pen.arc(x, y, r, 0, 2 * Math.PI);
      }
      for (const { x, y, width, height } of boxes) pen.rect(x, y, width, height);
    }
    pen.fill();
    pen.restore();
  }

  /** The message nearest to a point, within reach of a finger or a mouse. */
  hit(x: number, y: number, reach = HIT): { id: number; seq?: number } | null {
    let best: Drawn | null = null;
    let least = reach * reach;
    for (const drawn of this.drawn) {
      const distance = (drawn.x - x) ** 2 + (drawn.y - y) ** 2;
      if (distance <= least) [best, least] = [drawn, distance];
    }
    return best ? { id: best.id, seq: best.seq } : null;
  }

  /** What is left of the election timer. It leaves room for the role's letter at the upper right. */
  private arc(pen: CanvasRenderingContext2D, colours: Theme, model: RoomModel, t: number, id: HostId, stage: Stage): void {
    const spot = stage.spots[id]!;
    const { ring, role } = nodeChannels(model.protocol, model.world, id, t, model.nodes);
    if (ring === null) return;
    const top = -Math.PI / 2;
    const end = top + 2 * Math.PI * ring;
    const small = spot.r < ROOMY;
    const stroke = (colour: string, from: number, to: number): void => {
      if (to <= from) return;
      pen.strokeStyle = colour;
      pen.beginPath();
      pen.arc(spot.x, spot.y, spot.r + (small ? 5 : 6.5), from, to);
      pen.stroke();
    };
    pen.lineWidth = small ? 3.5 : 5;
    pen.lineCap = "butt";
    const parts: (readonly [number, number])[] = role ? [[top, BADGE[0]], [BADGE[1], top + 2 * Math.PI]] : [[top, top + 2 * Math.PI]];
    for (const [from, to] of parts) {
      stroke(colours.line, Math.max(from, end), to);
      stroke(ring < 0.2 ? colours.bad : colours.ink2, from, Math.min(to, end));
    }
  }

  /** While the run stands still: where the last event happened, and the way of the message that it received. */
  private latest(pen: CanvasRenderingContext2D, colours: Theme, model: RoomModel, stage: Stage): void {
    const event = model.store.get(model.world.seq);
    const spot = event?.host ? stage.spots[event.host] : undefined;
    if (!event || !spot || event.kind === "start") return;
    pen.strokeStyle = colours.ink;
    pen.lineWidth = 3;
    for (const corner of [1, 3, 5, 7]) {
      pen.beginPath();
      pen.arc(spot.x, spot.y, spot.r + 15, (corner * Math.PI) / 4 - 0.24, (corner * Math.PI) / 4 + 0.24);
      pen.stroke();
    }
    const from = event.kind === "deliver" && event.message ? stage.spots[event.message.src] : undefined;
    if (!from || !event.message) return;
    const way = lane(from, spot, LANE);
    const { channels } = this.known(model, event.message);
    const tone = colours.tones[channels.tone];
    pen.globalAlpha = 0.3;
    pen.strokeStyle = tone;
    pen.lineWidth = 6;
    pen.beginPath();
    pen.moveTo(way.x0, way.y0);
    pen.lineTo(way.x1, way.y1);
    pen.stroke();
    const size = Math.max(8, Math.min(12.5, stage.nodeRadius * 0.27));
    const angle = Math.atan2(way.y1 - way.y0, way.x1 - way.x0);
    glyph(pen, { x: way.x1, y: way.y1, size, shape: channels.shape, fill: colours.stage, stroke: tone }, channels, colours, { faint: true, angle, waiting: false, copy: event.message.of !== null });
    this.drawn.push({ id: event.message.id, x: way.x1, y: way.y1, seq: event.seq });
  }

  private known(model: RoomModel, flight: Flight): Known {
    let known = this.kinds.get(flight.id);
    if (!known) {
      const channels = messageChannels(model.protocol, flight);
      const asked = channels.reply === null ? undefined : model.store.get(flight.sent_seq)?.message;
      const routine = channels.hollow || (asked !== undefined && asked.src === flight.dst && messageChannels(model.protocol, asked).hollow);
      this.kinds.set(flight.id, (known = { channels, routine }));
    }
    return known;
  }

  private flight(pen: CanvasRenderingContext2D, colours: Theme, model: RoomModel, flight: Flight, t: number, stage: Stage, chosen: number | null, quiet: boolean): void {
    const way = this.wayOf(model, flight, t, stage);
    if (!way) return;
    const { x, y, ux, uy, original } = way;
    const { channels, routine } = this.known(model, flight);
    const faint = routine && quiet && flight.id !== chosen;
    const size = Math.max(8, Math.min(12.5, stage.nodeRadius * 0.27));
    if (original) this.tether(pen, colours, original, [x, y]);
    this.beads(pen, colours, flight, channels, model, [x, y, ux, uy], size, stage.spots[flight.src]!);
    const fill = channels.hollow ? colours.stage : termFill(colours, channels.hue);
    glyph(pen, { x, y, size: faint ? size * 0.78 : size, shape: channels.shape, fill, stroke: colours.tones[channels.tone] }, channels, colours, {
      faint,
      angle: Math.atan2(uy, ux),
      waiting: flight.due === null,
      copy: flight.of !== null,
    });
    if (flight.id === chosen) {
      pen.strokeStyle = colours.accent;
      pen.lineWidth = 3;
      pen.beginPath();
      pen.arc(x, y, size + 7, 0, 2 * Math.PI);
      pen.stroke();
    }
    this.drawn.push({ id: flight.id, x, y });
  }

  /** Where a message is. A duplicate leaves its original: it moves aside in the first sixth of its leg. */
  private wayOf(model: RoomModel, flight: Flight, t: number, stage: Stage): { x: number; y: number; ux: number; uy: number; original: [number, number] | null } | null {
    const a = stage.spots[flight.src];
    const b = stage.spots[flight.dst];
    if (!a || !b) return null;
    const place = placeOf(flight, t);
    const way = lane(a, b, LANE);
    const length = Math.hypot(way.x1 - way.x0, way.y1 - way.y0) || 1;
    const [ux, uy] = [(way.x1 - way.x0) / length, (way.y1 - way.y0) / length];
    let [x, y] = [way.x0 + (way.x1 - way.x0) * place, way.y0 + (way.y1 - way.y0) * place];
    let original: [number, number] | null = null;
    if (flight.of !== null) {
      const begun = flight.place / 1000;
      const aside = Math.min(1, (place - begun) / Math.max(0.01, (1 - begun) / 6)) * 15;
      x += way.nx * aside;
      y += way.ny * aside;
      const first = model.world.flights[String(flight.of)];
      if (first) {
        const at = placeOf(first, t);
        original = [way.x0 + (way.x1 - way.x0) * at, way.y0 + (way.y1 - way.y0) * at];
      }
    }
    return { x, y, ux, uy, original };
  }

  private tether(pen: CanvasRenderingContext2D, colours: Theme, from: [number, number], to: [number, number]): void {
    pen.strokeStyle = colours.ink2;
    pen.lineWidth = 1.5;
    pen.setLineDash([2, 3]);
    pen.beginPath();
    pen.moveTo(...from);
    pen.lineTo(...to);
    pen.stroke();
    pen.setLineDash([]);
  }

  /** One bead an entry, behind the message, filled by the entry's term. */
  private beads(pen: CanvasRenderingContext2D, colours: Theme, flight: Flight, channels: MessageChannels, model: RoomModel, way: [number, number, number, number], size: number, home: Spot): void {
    if (!channels.beads) return;
    const [x, y, ux, uy] = way;
    // Beads come out of the sender one by one and never cover it.
    const hidden = (bx: number, by: number): boolean => Math.hypot(bx - home.x, by - home.y) < home.r + 3;
    const spec = model.protocol.messages[flight.type];
    const list = spec?.beads ? flight.body[spec.beads] : null;
    const panel = model.protocol.view.panels.find((one) => one.kind === "strip");
    const field = panel?.kind === "strip" ? (panel.fill ?? null) : null;
    const shown = Math.min(BEADS_MAX, channels.beads);
    const r = size * 0.42;
    for (let i = 0; i < shown; i++) {
      const back = size + r + 2 + i * (r * 2 + 1);
      if (hidden(x - ux * back, y - uy * back)) return;
      const entry = Array.isArray(list) ? list[i] : null;
      const term = field && entry && typeof entry === "object" && !Array.isArray(entry) ? filling(entry[field] as FieldValue) : null;
      pen.fillStyle = termFill(colours, termHue(term));
      pen.strokeStyle = colours.ink;
      pen.lineWidth = 1.5;
      pen.beginPath();
      pen.arc(x - ux * back, y - uy * back, r, 0, 2 * Math.PI);
      pen.fill();
      pen.stroke();
    }
    if (channels.beads <= BEADS_MAX) return;
    const back = size + 6 + BEADS_MAX * (r * 2 + 1) + 8;
    if (hidden(x - ux * back, y - uy * back)) return;
    pen.fillStyle = colours.ink;
    pen.font = `bold 12px ${colours.font}`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillText(`+${channels.beads - BEADS_MAX}`, x - ux * back, y - uy * back);
  }

  private bursts(pen: CanvasRenderingContext2D, colours: Theme, model: RoomModel, t: number, stage: Stage): void {
    const one = (event: RunEvent, age: number): void => {
      if (event.kind === "lost" && event.message) this.burst(pen, colours, model, event.message, placeOf(event.message, event.time), age, stage, event.seq);
      for (const { message } of event.lost ?? []) this.burst(pen, colours, model, message, 0.16, age, stage, event.seq);
    };
    // Standing still, a loss is seen with the event that is shown, and goes with it.
    if (!model.playing || model.detached) {
      const shown = model.store.get(model.world.seq);
      if (shown) one(shown, BURST_STILL);
      return;
    }
    const lasts = (BURST_MS * 1000) / model.ratio;
    const last = model.world.seq;
    for (let seq = last; seq > Math.max(0, last - BURST_EVENTS_MAX); seq--) {
      const event = model.store.get(seq);
      if (!event || event.time < t - lasts) break;
      one(event, Math.max(0, (t - event.time) / lasts));
    }
  }

  private burst(pen: CanvasRenderingContext2D, colours: Theme, model: RoomModel, flight: Flight, place: number, age: number, stage: Stage, seq: number): void {
    const a = stage.spots[flight.src];
    const b = stage.spots[flight.dst];
    if (!a || !b) return;
    const way = lane(a, b, LANE);
    // Stopped at the edge of the host, a burst would hide behind it.
    const at = Math.min(0.94, Math.max(0.06, place));
    const [x, y] = [way.x0 + (way.x1 - way.x0) * at, way.y0 + (way.y1 - way.y0) * at];
    burst(pen, x, y, Math.max(9, stage.nodeRadius * 0.3), age, colours.bad, colours.tones[this.known(model, flight).channels.tone]);
    this.drawn.push({ id: flight.id, x, y, seq });
  }
}
