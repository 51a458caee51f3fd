/** The drawings: made once, fed by one loop, and given their hooks. Panels only choose where they stand. */
import { signal, type Signal } from "@preact/signals";
import { Loop } from "../draw/loop.ts";
import type { Drawing, DrawingClass, Hooks } from "../draw/hooks.ts";
import { Ring } from "../draw/ring.ts";
import type { Offsets } from "../model/layout.ts";
import { offsetsOf, placesOf, type Look } from "../model/links.ts";
import type { RoomModel } from "../model/room.ts";
import type { App } from "./app.ts";
import { moment } from "./format.ts";
import { later, pictureSeen, soon, type File } from "./lazy.tsx";
import { text } from "./text.ts";

export interface Views {
  ring: HTMLElement;
  log: HTMLElement;
  spacetime: HTMLElement;
  lanes: HTMLElement;
  timeline: HTMLElement;
  /** The one panel beside the ring that is to be seen; null: it has tabs of its own for them. */
  board: Signal<number | null>;
}

/** Which of them are drawn; a page with several rings has one timeline, and its keys, with the first. */
export interface Parts {
  time: boolean;
  diagram: boolean;
  /** What stands beside the ring in a room. */
  rest: boolean;
}

const ALL: Parts = { time: true, diagram: true, rest: true };

/** When the page has nothing better to do. */
const quiet = (act: () => void): void => {
  if (typeof requestIdleCallback === "function") requestIdleCallback(act, { timeout: 1_000 });
  else setTimeout(act, 300);
};

/** Milliseconds after which the rest of the page comes even if no ring was seen. */
const PICTURE_MS_MAX = 1_500;

/** Calls `act` with what the file exports, whoever asked for it, once. */
function whenHere<T>(file: File<T>, act: (exports: T) => void): void {
  let done = false;
  file.here.subscribe((exports) => {
    if (done || !exports) return;
    done = true;
    act(exports);
  });
}

const OFFSETS_KEY = "quorumscope.places";

export class Stage {
  readonly views: Views = { ring: box("view-ring"), log: box("view-log"), spacetime: box("view-spacetime"), lanes: box("view-lanes"), timeline: box("view-timeline"), board: signal<number | null>(null) };
  private loop: Loop | null = null;
  private ring: Ring | null = null;
  private seen = false;
  private given: Hooks | null = null;
  /** Where hosts stand as a link said it, for this visit; null: where this reader has dragged them. */
  private places: Offsets | null = null;

  constructor(
    private readonly app: App,
    readonly parts: Parts = ALL,
  ) {
    app.stage = this;
    app.whenModel((model) => this.use(model));
  }

  /** Keeps its place when the panel that holds a view goes away and comes back. */
  private use(model: RoomModel): void {
    const kept = later.here.peek();
    if (kept && this.parts.diagram) model.keepChronicle(kept.Chronicle);
    if (this.loop) return this.loop.use(model);
    this.loop = new Loop(model, (t, beat) => this.drawn(t, beat));
    const hooks = (this.given = this.hooks(model));
    for (const choice of [this.app.filter, this.app.board, this.views.board]) choice.subscribe(() => this.loop?.wake());
    this.ring = this.add(Ring, this.views.ring, hooks);
    // Whatever becomes of the ring, the rest must come.
    setTimeout(pictureSeen, PICTURE_MS_MAX);
    whenHere(soon, ({ Boards, RingPointer, Successors, Timeline, listen }) => {
      this.ring?.listen(RingPointer, new Successors());
      if (!this.parts.time) return;
      if (this.parts.rest) this.add(Boards, this.views.log, hooks, true);
      this.add(Timeline, this.views.timeline, hooks, true);
      listen(this.app);
      quiet(() => void later.fetch().catch(() => undefined));
    });
    whenHere(later, ({ Chronicle, Lanes, SpaceTime }) => {
      if (!this.parts.diagram) return;
      (this.app.model ?? model).keepChronicle(Chronicle);
      this.add(SpaceTime, this.views.spacetime, hooks);
      if (this.parts.rest) this.add(Lanes, this.views.lanes, hooks);
    });
  }

  /** What the drawings were given: by it they know the window of time that they share. */
  get drawnFor(): Hooks | null {
    return this.given;
  }

  /** What somebody has moved here, as a link tells it. */
  get arranged(): Pick<Look, "window" | "places"> {
    const [late, { model }, hooks] = [later.here.peek(), this.app, this.given];
    const window = late && hooks ? late.windowOf(hooks).told : null;
    const places = model ? placesOf(this.offsets(model)) : null;
    return { ...(window ? { window } : {}), ...(places ? { places } : {}) };
  }

  /** Has the drawings look as a link says it. */
  arrange({ window, places, select }: Look): void {
    this.places = places ? offsetsOf(places) : {};
    this.ring?.move();
    if (!window) return;
    const selected = select?.kind === "event" || select?.kind === "message";
    whenHere(later, ({ windowOf }) => {
      if (this.given) windowOf(this.given).show(window, selected);
      this.loop?.wake();
    });
  }

  private offsets(model: RoomModel): Offsets {
    return this.places ?? readOffsets(model);
  }

  /** Draws one of the views now, for a picture that is taken of it. */
  readonly redraw = (view: HTMLElement): void => this.loop?.redraw(view);

  private add<D extends Drawing>(View: new (...made: ConstructorParameters<DrawingClass>) => D, root: HTMLElement, hooks: Hooks, calm = false): D {
    const drawing = new View(root, hooks, text);
    this.loop?.add(drawing, root, calm);
    return drawing;
  }

  /** A frame has been drawn; with the first one that shows the ring, the line is free for the rest. */
  private drawn(t: number, beat: boolean): void {
    if (beat) this.app.beat(t);
    if (this.seen || !this.ring?.stage) return;
    this.seen = true;
    requestAnimationFrame(() => setTimeout(pictureSeen));
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
      offsets: () => this.offsets(model()),
      saveOffsets: (offsets) => (this.places ? (this.places = offsets) : writeOffsets(model(), offsets)),
      needEvents: (from, to) => void app.history.events(from, to),
      needEntries: (host, field, from, to) => void app.history.entries(host, field, from, to),
      filter: () => app.filter.value,
      board: () => this.views.board.value,
      front: () => app.board.value,
      bringToFront: (index) => (app.board.value = index),
      wake: () => this.loop?.wake(),
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
  const line = soon.here.peek()?.tell(event, model.protocol).lines[0];
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
