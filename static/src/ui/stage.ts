/** The four drawings: made once, fed by one loop, and given their hooks. Panels only choose where they stand. */
import { Loop } from "../draw/loop.ts";
import { LogMatrix } from "../draw/logmatrix.ts";
import type { Drawing, DrawingClass, Hooks } from "../draw/hooks.ts";
import { Ring } from "../draw/ring.ts";
import { Timeline } from "../draw/timeline.ts";
import type { Offsets } from "../model/layout.ts";
import type { RoomModel } from "../model/room.ts";
import type { App } from "./app.ts";
import { tell } from "./feed.tsx";
import { moment } from "./format.ts";
import { fetchLater } from "./lazy.tsx";
import { text } from "./text.ts";

export interface Views {
  ring: HTMLElement;
  log: HTMLElement;
  spacetime: HTMLElement;
  timeline: HTMLElement;
}

/** When the page has nothing better to do. */
const quiet = (act: () => void): void => {
  if (typeof requestIdleCallback === "function") requestIdleCallback(act, { timeout: 1_000 });
  else setTimeout(act, 300);
};

/** How far apart (ms) the views beside the ring are drawn while time runs; messages fly on the ring alone. */
const CALM_EVERY_MS = 100;

const OFFSETS_KEY = "quorumscope.places";

export class Stage {
  readonly views: Views = { ring: box("view-ring"), log: box("view-log"), spacetime: box("view-spacetime"), timeline: box("view-timeline") };
  private loop: Loop | null = null;
  private readonly drawings: Drawing[] = [];

  constructor(private readonly app: App) {
    app.whenModel((model) => this.use(model));
  }

  /** Keeps its place when the panel that holds a view goes away and comes back. */
  private use(model: RoomModel): void {
    if (this.loop) return this.loop.use(model);
    this.loop = new Loop(model, (t) => this.app.showTime(t));
    const hooks = this.hooks(model);
    this.app.filter.subscribe(() => this.loop?.wake());
    const made: [DrawingClass, HTMLElement, number][] = [
      [Ring, this.views.ring, 0],
      [LogMatrix, this.views.log, CALM_EVERY_MS],
      [Timeline, this.views.timeline, CALM_EVERY_MS],
    ];
    for (const [View, root, every] of made) this.add(View, root, hooks, every);
    // The diagram is behind a tab on most screens: it comes after the first picture, as do the panels there.
    quiet(() => void fetchLater().then(({ SpaceTime }) => this.add(SpaceTime, this.views.spacetime, hooks)));
  }

  private add(View: DrawingClass, root: HTMLElement, hooks: Hooks, every = 0): void {
    const drawing = new View(root, hooks, text);
    this.drawings.push(drawing);
    this.loop?.add(drawing, root, every);
  }

  private hooks(first: RoomModel): Hooks {
    const { app } = this;
    const model = (): RoomModel => app.model ?? first;
    return {
      select: (selection) => model().select(selection),
      openMenu: (selection, x, y, opener) => {
        model().select(selection);
        app.menu.value = { target: selection, x, y, opener };
      },
      seek: (target) => void app.goto(target),
      lasso: (hosts) => app.lasso(hosts),
      offsets: () => readOffsets(model()),
      saveOffsets: (offsets) => writeOffsets(model(), offsets),
      needEvents: (from, to) => void app.history.events(from, to),
      needEntries: (host, field, from, to) => void app.history.entries(host, field, from, to),
      filter: () => app.filter.value,
      describe: (seq) => describe(model(), seq),
    };
  }
}

function box(name: string): HTMLElement {
  const element = document.createElement("div");
  element.className = `view ${name}`;
  return element;
}

function describe(model: RoomModel, seq: number): string {
  const event = model.store.get(seq);
  if (!event) return text("Event {seq}", { seq });
  const line = tell(event, model.protocol).lines[0];
  return `${seq} · ${moment(event.time)} · ${line?.text ?? ""}`;
}

/** Dragged places are kept per layout and size, so that five nodes of another room stand where they were put. */
function offsetsKey(model: RoomModel): string {
  return `${OFFSETS_KEY}.${model.protocol.view.layout}.${model.nodes.length}.${model.clients.length}`;
}

function readOffsets(model: RoomModel): Offsets {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(offsetsKey(model)) ?? "{}");
    return typeof stored === "object" && stored !== null ? (stored as Offsets) : {};
  } catch {
    return {};
  }
}

function writeOffsets(model: RoomModel, offsets: Offsets): void {
  try {
    localStorage.setItem(offsetsKey(model), JSON.stringify(offsets));
  } catch {
    // A private window: the places last for this visit.
  }
}
