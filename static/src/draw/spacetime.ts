/**
 * The space-time diagram: time runs to the right, one lifeline a host, one arrow a message. Only the window in sight is
 * drawn, found by binary search, so that it costs the same at a hundred events and at a hundred thousand.
 *
 * Drag or swipe pans, wheel and pinch zoom, a click selects an event or a message and lights its causal past and future.
 * Keys: arrows pan, + and − zoom, Shift and arrows go from event to event, End follows the run, Enter goes to the event.
 */

import { coneOf, type Cone } from "../model/causality.ts";
import type { RoomModel } from "../model/room.ts";
import { Viewport } from "../model/spacetime.ts";
import type { Selection } from "../model/types.ts";
import type { Drawing, Hooks, Text } from "./hooks.ts";
import { gutterOf, paint, type Target } from "./spacetimepaint.ts";
import { html, set, setText, Surface, theme } from "./theme.ts";

const ZOOM_STEP = 1.25;
const CLICK_MAX = 6;
/** Virtual µs a pixel at the beginning: arrows of 20 ms are 24 pixels wide. */
const SPAN_PER_PIXEL = 830;
const ASK_EVERY_MS = 400;
/** While the run plays it is drawn at most this often. */
const TICK_MS = 30;

export class SpaceTime implements Drawing {
  private readonly box = html("div", "spacetime", { role: "application", tabindex: "0" });
  private readonly said = html("div", "said", { "aria-live": "polite" });
  private readonly surface = new Surface("spacetime-canvas");
  private readonly view = new Viewport();
  private shown: RoomModel | null = null;
  private cone: Cone | null = null;
  private targets: Target[] = [];
  private chosen = "";
  private fitted = false;
  private asked = 0;
  private drawn = { still: "", moving: "", wall: 0 };
  private pointers = new Map<number, { x: number; y: number }>();
  private moved = 0;
  private readonly leave = new AbortController();

  constructor(
    readonly root: HTMLElement,
    private readonly hooks: Hooks,
    private readonly text: Text,
  ) {
    set(this.box, "aria-label", text("Space-time diagram"));
    set(this.box, "aria-roledescription", text("diagram"));
    this.surface.canvas.setAttribute("aria-hidden", "true");
    this.box.append(this.surface.canvas, this.said);
    this.root.append(this.box);
    this.listen();
  }

  resize(): void {
    this.fitted = false;
  }

  destroy(): void {
    this.leave.abort();
    this.box.remove();
  }

  render(model: RoomModel, t: number, wall: number): void {
    if (this.shown !== model) {
      this.shown = model;
      this.cone = null;
    }
    if (!this.fitted) {
      this.fitted = true;
      const before = this.surface.width;
      this.surface.fit(this.root.clientWidth, this.root.clientHeight);
      // Of a story that was found, all that leads to its end is in sight.
      if (!before) this.view.span = Math.max(this.surface.width * SPAN_PER_PIXEL, (model.found?.time ?? 0) * 1.15);
    }
    if (this.surface.width < 40 || this.surface.height < 40) return;
    this.view.follow(t);
    if (!this.due(model, t, wall)) return;
    const seq = this.eventOf(model, model.selection);
    this.readSelection(model, seq);
    this.cone = seq === null ? null : coneOf(model.chronicle, seq, this.cone);
    this.targets = paint(this.surface, model, t, this.view, this.cone, this.text, this.hooks.filter());
    this.askFor(model, wall);
  }

  /** Whether anything would look different. While it scrolls by less than a pixel, or within a tick, it need not be drawn. */
  private due(model: RoomModel, t: number, wall: number): boolean {
    const { world, chronicle, branch, detached, selection } = model;
    const { width, height } = this.surface;
    const still = `${this.view.following || this.view.from} ${this.view.span} ${branch} ${detached} ${JSON.stringify(selection)} ${width}x${height} ${theme().version} ${this.hooks.filter()}`;
    const moving = `${world.seq} ${chronicle.version} ${Math.round((t / this.view.span) * width)}`;
    if (still === this.drawn.still && (moving === this.drawn.moving || (model.moving && wall - this.drawn.wall < TICK_MS))) return false;
    this.drawn = { still, moving, wall };
    return true;
  }

  /** The event that a selection stands for. */
  private eventOf(model: RoomModel, selection: Selection | null): number | null {
    if (selection?.kind === "event") return selection.seq;
    if (selection?.kind !== "message") return null;
    if (selection.seq !== undefined) return selection.seq;
    const row = model.chronicle.rowOfMessage(selection.id);
    if (row >= 0) return model.chronicle.columns.seq[row]!;
    return model.world.flights[String(selection.id)]?.sent_seq ?? null;
  }

  /** A selection made elsewhere comes into sight and is said. */
  private readSelection(model: RoomModel, seq: number | null): void {
    const chosen = JSON.stringify(model.selection);
    if (chosen === this.chosen) return;
    this.chosen = chosen;
    if (seq === null) return void setText(this.said, "");
    const row = model.chronicle.rowOf(seq);
    if (row >= 0) this.view.reveal(model.chronicle.columns.time[row]!);
    setText(this.said, this.hooks.describe(seq));
  }

  private askFor(model: RoomModel, wall: number): void {
    if (wall - this.asked < ASK_EVERY_MS) return;
    const gap = model.chronicle.gapIn(Math.max(0, this.view.from), Math.min(this.view.to, model.now));
    if (!gap) return;
    this.asked = wall;
    this.hooks.needEvents(gap[0], gap[1]);
  }

  private again(): void {
    if (this.shown) this.render(this.shown, this.shown.t, performance.now());
  }

  /* ---------------------------------------------------------------- gestures */

  private listen(): void {
    const { signal } = this.leave;
    const { box } = this;
    box.addEventListener("wheel", (event) => this.wheel(event), { signal, passive: false });
    box.addEventListener("pointerdown", (event) => this.down(event), { signal });
    // A click leaves the focus where it was, so that the arrows and space go on meaning steps and play.
    box.addEventListener("mousedown", (event) => event.preventDefault(), { signal });
    box.addEventListener("pointermove", (event) => this.drag(event), { signal });
    box.addEventListener("pointerup", (event) => this.up(event), { signal });
    box.addEventListener("pointercancel", (event) => this.pointers.delete(event.pointerId), { signal });
    box.addEventListener("contextmenu", (event) => this.menu(event), { signal });
    box.addEventListener("keydown", (event) => this.key(event), { signal });
    box.addEventListener("dblclick", (event) => this.goTo(this.near(event)), { signal });
  }

  private at(event: MouseEvent): { x: number; y: number } {
    const frame = this.box.getBoundingClientRect();
    return { x: event.clientX - frame.left, y: event.clientY - frame.top };
  }

  private timeAt(x: number): number {
    const gutter = gutterOf(this.surface.width);
    return this.view.time(x - gutter, this.surface.width - gutter);
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    const t = this.shown?.t ?? 0;
    const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey;
    if (sideways) this.view.pan((event.deltaX || event.deltaY) / this.surface.width, t);
    else this.zoom(Math.exp(Math.sign(event.deltaY) * Math.min(0.3, Math.abs(event.deltaY) / 400)), this.at(event).x);
    this.again();
  }

  private zoom(factor: number, x: number): void {
    const t = this.shown?.t ?? 0;
    this.view.zoom(factor, this.view.following ? t : this.timeAt(x));
  }

  private down(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.pointers.set(event.pointerId, this.at(event));
    this.moved = this.pointers.size > 1 ? CLICK_MAX + 1 : 0;
  }

  private drag(event: PointerEvent): void {
    const before = this.pointers.get(event.pointerId);
    const now = this.at(event);
    if (!before) {
      this.box.style.cursor = this.near(event) ? "pointer" : "";
      return;
    }
    this.moved += Math.hypot(now.x - before.x, now.y - before.y);
    if (this.moved <= CLICK_MAX) return;
    if (!this.box.hasPointerCapture(event.pointerId)) this.box.setPointerCapture(event.pointerId);
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const factor = Math.max(8, Math.abs(before.x - other.x)) / Math.max(8, Math.abs(now.x - other.x));
      this.view.following = false;
      this.view.zoom(factor, this.timeAt((now.x + other.x) / 2));
    } else this.view.pan((before.x - now.x) / this.surface.width, this.shown?.t ?? 0);
    this.pointers.set(event.pointerId, now);
    this.again();
  }

  private up(event: PointerEvent): void {
    const pressed = this.pointers.delete(event.pointerId);
    if (!pressed || this.moved > CLICK_MAX) return;
    this.hooks.select(this.near(event)?.selection ?? null);
  }

  private menu(event: MouseEvent): void {
    const keyboard = event.clientX === 0 && event.clientY === 0;
    const selection = keyboard ? this.shown?.selection : this.near(event)?.selection;
    if (!selection) return;
    event.preventDefault();
    this.hooks.select(selection);
    const frame = this.box.getBoundingClientRect();
    this.hooks.openMenu(selection, keyboard ? frame.left + frame.width / 2 : event.clientX, keyboard ? frame.top + frame.height / 2 : event.clientY, this.box);
  }

  private near(event: MouseEvent): Target | null {
    const { x, y } = this.at(event);
    let best: Target | null = null;
    let least = 13;
    for (const target of this.targets) {
      // Events win over the arrows that end at them.
      const distance = target.x1 === undefined ? Math.hypot(target.x - x, target.y - y) - 5 : away(target, x, y) + 2;
      if (distance < least) [best, least] = [target, distance];
    }
    return best;
  }

  private goTo(target: Target | null): void {
    const seq = target?.seq ?? (this.shown ? this.eventOf(this.shown, this.shown.selection) : null);
    if (seq) this.hooks.seek({ seq });
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const t = this.shown?.t ?? 0;
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (by && event.shiftKey) this.neighbour(by);
    else if (by) this.view.pan(by * 0.2, t);
    else if (event.key === "+" || event.key === "=") this.zoom(1 / ZOOM_STEP, this.surface.width / 2);
    else if (event.key === "-") this.zoom(ZOOM_STEP, this.surface.width / 2);
    else if (event.key === "Home") this.view.pan(-1e9, t);
    else if (event.key === "End") this.view.following = true;
    else if (event.key === "Enter") this.goTo(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
    this.again();
  }

  /** The event before or after the selected one; on the selected event's host, if one is selected. */
  private neighbour(by: 1 | -1): void {
    const model = this.shown;
    if (!model) return;
    const { chronicle } = model;
    const at = this.eventOf(model, model.selection) ?? model.world.seq + (by === 1 ? 0 : 1);
    const row = chronicle.lowerSeq(at + (by === 1 ? 1 : 0)) - (by === 1 ? 0 : 1);
    if (row < 0 || row >= chronicle.rows) return;
    this.hooks.select({ kind: "event", seq: chronicle.columns.seq[row]! });
  }
}

/** Distance of a point from an arrow. */
function away(target: Target, x: number, y: number): number {
  const [dx, dy] = [target.x1! - target.x, target.y1! - target.y];
  const along = Math.max(0, Math.min(1, ((x - target.x) * dx + (y - target.y) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(target.x + dx * along - x, target.y + dy * along - y);
}
