/** The space-time diagram of a handout: strips one below the other, each a picture of its own. */
import { paint } from "../draw/spacetimepaint.ts";
import { paperDefs, paperSigns, paperTheme } from "../draw/spacetimepaper.ts";
import { svgDocument, SvgPen } from "../draw/svgpen.ts";
import { inTheme, measureIn, theme } from "../draw/theme.ts";
import { RoomModel } from "../model/room.ts";
import { Chronicle } from "../model/spacetime.ts";
import { Viewport } from "../model/viewport.ts";
import type { RunEvent, Welcome, World } from "../model/types.ts";
import { text } from "./text.ts";

export interface Strip {
  from: number;
  to: number;
  svg: string;
  width: number;
  height: number;
}

/** As wide as the page between its margins. */
const WIDTH = 690;
const GUTTER = 56;
/** µs a pixel; longer spans are drawn closer. */
const SPAN_PER_PIXEL = 700;
/** By length; and as many again by what happens in them. */
const STRIPS_MAX = 7;
const TOLD_IN_A_STRIP = 24;
/** So many told events in so small a part of a strip are a crowd; and so many strips may end before one. */
const CROWD = { told: 10, part: 1 / 8, strips: 8 };
/** Rows of nine nodes and their clients leave room for two strips on a page, and for the numbers between two lifelines. */
const ROW = { least: 41, most: 50 };
const EDGES = 48;
const SPAN_MIN = 4_000;
/** Of messages, that have room one after the other in the shortest strip. */
const WAYS = 2.5;

/** A model of the end of the span, with its events at hand. */
export function modelOf(welcome: Welcome, events: readonly RunEvent[]): RoomModel {
  const model = new RoomModel(welcome);
  model.insertEvents(events);
  model.keepChronicle(Chronicle);
  return model;
}

/**
 * The ends of the strips, in time (µs). A strip ends where it is as long as can be read, or where so much has happened in it
 * that more would be no picture: what is quick is drawn wide, though never so wide that a message's way, which takes about
 * `way` µs, is torn into pieces. So it also ends before a crowd, which begins the next one. `moments` are the times of what is
 * told, ascending.
 */
export function stripsOf(from: number, to: number, moments: readonly number[] = [], way = 0): [number, number][] {
  const end = Math.max(to, from + SPAN_MIN);
  const longest = Math.max((WIDTH - GUTTER) * SPAN_PER_PIXEL, (end - from) / STRIPS_MAX);
  const most = Math.max(TOLD_IN_A_STRIP, Math.ceil(moments.length / STRIPS_MAX));
  const strips: [number, number][] = [];
  for (let start = from, told = 0; start < end; ) {
    const crowded = Math.min(moments[told + most] ?? Infinity, strips.length < CROWD.strips ? crowdAfter(start, moments.slice(told, told + most)) : Infinity);
    const stop = Math.min(end, start + longest, Math.max(crowded, start + SPAN_MIN, start + WAYS * way));
    strips.push([start, end - stop < SPAN_MIN ? end : stop]);
    start = strips[strips.length - 1]![1];
    while (told < moments.length && moments[told]! < start) told++;
  }
  return strips;
}

/**
 * When a strip from `start` on ends at the latest, so that no crowd stands in so small a part of it: the shorter it is, the more
 * room a crowd has. Before one, where the strip is no short one by then, else after it as soon as it must.
 */
function crowdAfter(start: number, moments: readonly number[]): number {
  let stop = Infinity;
  for (let i = CROWD.told; i < moments.length && moments[i]! < stop; i++) {
    const begin = moments[i - CROWD.told]!;
    const longest = start + (moments[i]! - begin) / CROWD.part;
    if (longest > moments[i]!) stop = Math.min(stop, longest);
    else return begin - start > (moments[i]! - start) / 3 ? begin : moments[i - 1]!;
  }
  return stop;
}

/** The worlds at these times, which ascend: of a model that can go back over its events, which it does. */
function worldsAt(model: RoomModel, times: readonly number[]): World[] {
  const worlds: World[] = [];
  for (const time of [...times].reverse()) {
    while (model.world.time > time && model.stepLocal(-1));
    worlds.unshift(structuredClone(model.world));
  }
  return worlds;
}

export function paperStrips(welcome: Welcome, events: readonly RunEvent[], told: (seq: number) => boolean): Strip[] {
  const model = modelOf(welcome, events);
  const [first, last] = [events[0]!.time, events[events.length - 1]!.time];
  const ends = stripsOf(first, last, events.flatMap(({ seq, time }) => (told(seq) ? [time] : [])), model.setup.link.high);
  const worlds = worldsAt(modelOf(welcome, events), ends.map(([, to]) => to));
  const hosts = model.nodes.length + model.clients.length;
  const height = Math.min(ROW.most, Math.max(ROW.least, 230 / hosts)) * hosts + EDGES;
  return inTheme(paperTheme(theme()), () =>
    ends.map(([from, to], i) => {
      const pen = new SvgPen(WIDTH, height, measureIn);
      const room = (to - from) * 0.02;
      const view = new Viewport(to - from + 2 * room);
      view.following = false;
      view.from = from - room;
      const surface = { pen: pen as unknown as CanvasRenderingContext2D, width: WIDTH, height, clear: () => pen.clearRect(0, 0, WIDTH, height) };
      paint(surface, model, last, view, null, text, "context", { world: worlds[i]!, over: (frame) => paperSigns(frame, told) });
      const title = text("Space-time diagram");
      return { from, to, width: WIDTH, height, svg: svgDocument({ width: WIDTH, height, title, ground: "", defs: paperDefs() + pen.defs, content: pen.content }) };
    }),
  );
}
