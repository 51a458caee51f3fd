/** The space-time diagram of a handout: strips one below the other, each a picture of its own. */
import { paint } from "../draw/spacetimepaint.ts";
import { paperDefs, paperSigns, paperTheme } from "../draw/spacetimepaper.ts";
import { svgDocument, SvgPen } from "../draw/svgpen.ts";
import { inTheme, measureIn, theme } from "../draw/theme.ts";
import { RoomModel } from "../model/room.ts";
import { Chronicle, Viewport } from "../model/spacetime.ts";
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
const STRIPS_MAX = 8;
const ROW = { least: 32, most: 50 };
const EDGES = 48;
const SPAN_MIN = 4_000;

/** A model of the end of the span, with its events at hand. */
export function modelOf(welcome: Welcome, events: readonly RunEvent[]): RoomModel {
  const model = new RoomModel(welcome);
  model.insertEvents(events);
  model.keepChronicle(Chronicle);
  return model;
}

/** The ends of the strips, in time (µs): all of one length, and as few as are still read. */
export function stripsOf(from: number, to: number, width = WIDTH): [number, number][] {
  const whole = Math.max(SPAN_MIN, to - from);
  const count = Math.min(STRIPS_MAX, Math.max(1, Math.ceil(whole / ((width - GUTTER) * SPAN_PER_PIXEL))));
  return Array.from({ length: count }, (_, i) => [from + (whole * i) / count, from + (whole * (i + 1)) / count]);
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
  const ends = stripsOf(first, last);
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
