/** What can be taken away from a room: pictures of its views, its events as files, a handout. */
import { paint } from "../draw/spacetimepaint.ts";
import { arrowsOf } from "../draw/caption.ts";
import { framed, takePicture, type Caption, type Taken } from "../draw/picture.ts";
import { SvgPen } from "../draw/svgpen.ts";
import { inLight, measureIn } from "../draw/theme.ts";
import { windowOf } from "../draw/timeview.ts";
import type { RoomModel } from "../model/room.ts";
import { Viewport } from "../model/viewport.ts";
import type { App } from "./app.ts";
import { moment } from "./format.ts";
import { said, text } from "./text.ts";

export type ViewName = "ring" | "log" | "spacetime" | "lanes" | "timeline";
export type EventFormat = "jsonl" | "shiviz" | "mermaid";

/** Events, both ends included. */
export interface SeqSpan {
  first: number;
  last: number;
}

/** A picture of a view that nobody looks at just now is so wide, and as high as its rows take. */
const UNSEEN = { width: 960, height: 540, row: 60, edges: 76 };
/** A space-time diagram of a span: µs a pixel, as at first in a room, and how wide it may be. */
const SPAN_PER_PIXEL = 830;
const WIDTH = { least: 640, most: 8_000 };
const ROW_PX = 52;
const EDGES_PX = 48;
const BESIDE_PX = 80;
/** As in the server's `exports`: more than a reader follows. */
export const MERMAID_EVENTS_MAX = 400;

/* ------------------------------------------------------------------ names and spans */

/** Letters that every file system takes, as in the server's `exports`. */
const safe = (word: string): string => word.replace(/[^A-Za-z0-9_]+/g, "_").replace(/^_+|_+$/g, "").slice(0, 24);

/** "raft-A-event-120-ring.svg", "raft-A-events-100-140-spacetime.png". */
export function pictureName(protocol: string, branch: string, at: number | SeqSpan, view: ViewName, extension: string): string {
  const events = typeof at === "number" ? ["event", String(at)] : ["events", String(at.first), String(at.last)];
  return `${[safe(protocol), safe(branch), ...events, view].filter(Boolean).join("-")}.${extension}`;
}

export const branchName = ({ branches, branch }: RoomModel): string => branches.find(({ id }) => id === branch)?.name ?? "";

/** Of the room's branch; the server makes the rest of the file's name. */
export function eventsAddress(room: string, branch: number, format: EventFormat, { first, last }: SeqSpan): string {
  return `/api/rooms/${encodeURIComponent(room)}/events?format=${format}&branch=${branch}&from=${first}&upto=${last}`;
}

export function handoutAddress(room: string, branch: number, { first, last }: SeqSpan): string {
  return `/r/${encodeURIComponent(room)}/handout?branch=${branch}&from=${first}&upto=${last}`;
}

/** Why these events can't be had, as a sentence; null: they can. */
export function spanProblem({ first, last }: SeqSpan, head: number, most: number): string | null {
  if (!(first >= 1 && first <= last && last <= head)) return text("Events run from 1 to {head}, and the first is not after the last.", { head });
  const n = last - first + 1;
  return n > most ? text("These are {n} events; at most {most} can be taken away like this: choose fewer.", { n, most }) : null;
}

/** The events in sight of the space-time diagram, up to the one that is shown; else the last hundred. */
export function visibleSpan(app: App, model: RoomModel): SeqSpan {
  const at = Math.max(1, model.world.seq);
  const hooks = app.stage?.drawnFor;
  const view = hooks ? windowOf(hooks) : null;
  if (view?.span && model.charted) {
    const { chronicle } = model;
    const { columns } = chronicle;
    const [row, end] = chronicle.window(view.from, view.to);
    for (let i = row; i < end; i++) if (columns.time[i]! >= view.from) return { first: Math.min(columns.seq[i]!, at), last: at };
  }
  return { first: Math.max(1, at - 99), last: at };
}

/** The last events of a span, so many that they can be had. */
export const atMost = ({ first, last }: SeqSpan, most: number): SeqSpan => ({ first: Math.max(first, last - most + 1), last });

/** How many events one file, one diagram or one handout may have. */
export function mostEvents(model: RoomModel, what: EventFormat | "handout" | "view"): number {
  if (what === "mermaid") return MERMAID_EVENTS_MAX;
  if (what === "handout") return model.limits.handout_events ?? 500;
  return what === "view" ? 2_000 : (model.limits.events_exported ?? 50_000);
}

/* ------------------------------------------------------------------ pictures */

/** The views that this page has of the room. */
export function viewsOf(app: App, { protocol, clients }: RoomModel): ViewName[] {
  const parts = app.stage?.parts;
  if (!parts?.rest) {
    return ["ring", ...(parts?.diagram ? (["spacetime"] as const) : []), ...(parts?.time ? (["timeline"] as const) : [])];
  }
  const boards = protocol.view.panels.some(({ kind }) => kind !== "fields");
  return ["ring", ...(boards ? (["log"] as const) : []), "spacetime", ...(clients.length ? (["lanes"] as const) : []), "timeline"];
}

/** What the picture shows: the protocol, what it is opened as, the branch, and the moment. */
function captionFor(model: RoomModel, view: ViewName, ...at: string[]): Caption {
  const { protocol } = model;
  const opened = model.lesson ?? model.scenario ?? model.challenge;
  const what = opened ? [said(protocol.title), said(opened.title)] : [said(protocol.title)];
  const run = text("{nodes} nodes, seed {seed}", { nodes: model.nodes.length, seed: model.setup.seed });
  return {
    parts: [...what, run, text("Branch {name}", { name: branchName(model) }), ...at],
    signs: view === "spacetime" ? arrowsOf(protocol, model.absent, said) : [],
  };
}

/** A view as it is seen now; one that is behind a tab as it would be seen. */
export function pictureOf(app: App, model: RoomModel, view: ViewName): Taken {
  const root = app.stage!.views[view];
  const redraw = (): void => app.stage!.redraw(root);
  const now = `${text("Event {seq}", { seq: model.world.seq })}, ${moment(model.t)}`;
  // What is on the page in grey was seen before somebody went back.
  const follows = view === "spacetime" && model.head > model.world.seq;
  const caption = captionFor(model, view, now, ...(follows ? [text("with what follows")] : []));
  const take = (): Taken => takePicture(root, caption, redraw);
  return root.clientWidth > 0 ? take() : elsewhere(root, heightOf(model, view), take);
}

function heightOf({ nodes, clients }: RoomModel, view: ViewName): number {
  const rows = view === "lanes" ? clients.length : view === "spacetime" ? nodes.length + clients.length : 0;
  return rows ? rows * UNSEEN.row + UNSEEN.edges : UNSEEN.height;
}

/** Lays a view out where nobody sees it, and puts it back. */
function elsewhere<T>(root: HTMLElement, height: number, act: () => T): T {
  const [parent, next] = [root.parentNode, root.nextSibling];
  const place = document.createElement("div");
  place.className = "slot";
  Object.assign(place.style, { position: "fixed", left: "-20000px", top: "0", width: `${UNSEEN.width}px`, height: `${height}px` });
  document.body.append(place);
  place.append(root);
  try {
    return act();
  } finally {
    root.remove();
    parent?.insertBefore(root, next);
    place.remove();
  }
}

/** The space-time diagram of a span of events, at the scale of the room's first sight. */
export async function diagramOf(app: App, model: RoomModel, { first, last }: SeqSpan): Promise<Taken | string> {
  for (let from = first; from <= last; from += 500) await app.history.events(from, Math.min(last, from + 499));
  const [a, b] = [model.store.get(first), model.store.get(last)];
  if (app.model !== model || !a || !b) return text("These events could not be had.");
  const time = Math.max(1_000, b.time - a.time);
  const width = Math.min(WIDTH.most, Math.max(WIDTH.least, time / SPAN_PER_PIXEL + 2 * BESIDE_PX));
  const height = (model.nodes.length + model.clients.length) * ROW_PX + EDGES_PX;
  const view = new Viewport((time * width) / (width - 2 * BESIDE_PX));
  view.following = false;
  view.from = a.time - (view.span - time) / 2;
  const caption = captionFor(model, "spacetime", text("events {first} to {last}", { first, last }));
  return inLight(() => {
    const pen = new SvgPen(width, height, measureIn);
    const surface = { pen: pen as unknown as CanvasRenderingContext2D, width, height, clear: () => pen.clearRect(0, 0, width, height) };
    paint(surface, model, Math.max(model.t, b.time), view, null, text, app.filter.value);
    return framed({ width, height }, caption, pen.defs, pen.content);
  });
}

/* ------------------------------------------------------------------ events */

/** The file that the server makes, and its name; or why it makes none. */
export async function fetchEvents(address: string): Promise<{ name: string; content: Blob } | string> {
  try {
    const answer = await fetch(address);
    if (!answer.ok) {
      const { text: sentence, args } = (await answer.json()) as { text?: string; args?: Record<string, unknown> };
      return sentence ? said(sentence, args) : text("The server did not answer in time.");
    }
    const name = /filename="([\w.-]+)"/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1] ?? "events.txt";
    return { name, content: await answer.blob() };
  } catch {
    return text("The connection is lost.");
  }
}
