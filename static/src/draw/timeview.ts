/**
 * What drawings over virtual time share: one window of time for all of them, and the gestures that move it. Drag or swipe
 * pans, wheel and pinch zoom, a click selects. Keys: arrows pan, + and − zoom, Shift and arrows go from one thing to the
 * next, Home and End go to the beginning and follow the run, Enter goes to what is selected.
 */

import type { RoomModel } from "../model/room.ts";
import { Viewport } from "../model/viewport.ts";
import type { Drawing, Hooks, Text } from "./hooks.ts";
import { gutterOf, type Target } from "./spacetimeground.ts";
import { html, set, Surface } from "./theme.ts";

const ZOOM_STEP = 1.25;
const CLICK_MAX = 6;
/** Virtual µs a pixel at the beginning: arrows of 20 ms are 24 pixels wide. */
const SPAN_PER_PIXEL = 830;

const windows = new WeakMap<Hooks, Viewport>();

/** The window of time that all drawings of a page look through. */
export function windowOf(hooks: Hooks): Viewport {
  let view = windows.get(hooks);
  if (!view) windows.set(hooks, (view = new Viewport(0)));
  return view;
}

export abstract class TimeView implements Drawing {
  protected readonly box = html("div", "spacetime", { role: "application", tabindex: "0" });
  protected readonly said = html("div", "said", { "aria-live": "polite" });
  protected readonly surface = new Surface("spacetime-canvas");
  protected readonly view: Viewport;
  protected shown: RoomModel | null = null;
  protected targets: Target[] = [];
  private fitted = false;
  /** How often the surface was fitted, which empties it: what stands still has to be drawn again then. */
  protected emptied = 0;
  private pointers = new Map<number, { x: number; y: number }>();
  private moved = 0;
  private readonly leave = new AbortController();

  constructor(
    readonly root: HTMLElement,
    protected readonly hooks: Hooks,
    protected readonly text: Text,
    label: string,
  ) {
    this.view = windowOf(hooks);
    set(this.box, "aria-label", label);
    set(this.box, "aria-roledescription", text("diagram"));
    this.surface.canvas.setAttribute("aria-hidden", "true");
    this.box.append(this.surface.canvas, this.said);
    this.root.append(this.box);
    this.listen();
  }

  abstract render(model: RoomModel, t: number, wall: number): void;
  /** What a point is near to. */
  protected abstract near(event: MouseEvent): Target | null;
  /** The event that the selection stands for. */
  protected abstract selected(model: RoomModel): number | null;
  /** Selects the thing before or after the selected one. */
  protected abstract neighbour(by: 1 | -1): void;

  resize(): void {
    this.fitted = false;
  }

  destroy(): void {
    this.leave.abort();
    this.box.remove();
  }

  /** Takes the size of the root, and follows the run. False: there is no room to draw. */
  protected fit(model: RoomModel, t: number): boolean {
    if (!this.fitted) {
      this.fitted = true;
      this.emptied++;
      this.surface.fit(this.root.clientWidth, this.root.clientHeight);
    }
    if (this.surface.width < 40 || this.surface.height < 40) return false;
    this.adopt(model, t);
    this.view.follow(t);
    return true;
  }

  /** As long as nobody has chosen a span, each drawing looks through the one that suits it. */
  private adopt(model: RoomModel, t: number): void {
    if (!this.view.chosen) this.view.span = this.suited(model, t);
  }

  /** The span at first, µs. Of a story that was found, all that leads to its end is in sight. */
  protected suited(model: RoomModel, _now: number): number {
    return Math.max(this.surface.width * SPAN_PER_PIXEL, (model.found?.time ?? 0) * 1.15);
  }

  /** Before a gesture: it begins with what is seen here, and not in another drawing. */
  private grasp(): number {
    const t = this.shown?.t ?? 0;
    if (this.shown && !this.view.chosen) {
      this.adopt(this.shown, t);
      this.view.follow(t);
    }
    return t;
  }

  protected again(): void {
    if (this.shown) this.render(this.shown, this.shown.t, performance.now());
    this.hooks.wake(); // the others look through the same window
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

  protected at(event: MouseEvent): { x: number; y: number } {
    const frame = this.box.getBoundingClientRect();
    return { x: event.clientX - frame.left, y: event.clientY - frame.top };
  }

  private timeAt(x: number): number {
    const gutter = gutterOf(this.surface.width);
    return this.view.time(x - gutter, this.surface.width - gutter);
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    const t = this.grasp();
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
    const t = this.grasp();
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const factor = Math.max(8, Math.abs(before.x - other.x)) / Math.max(8, Math.abs(now.x - other.x));
      this.view.following = false;
      this.view.zoom(factor, this.timeAt((now.x + other.x) / 2));
    } else this.view.pan((before.x - now.x) / this.surface.width, t);
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

  private goTo(target: Target | null): void {
    const seq = target?.seq ?? (this.shown ? this.selected(this.shown) : null);
    if (seq) this.hooks.seek({ seq });
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const t = this.grasp();
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (by && event.shiftKey) this.neighbour(by);
    else if (by) this.view.pan(by * 0.2, t);
    else if (event.key === "+" || event.key === "=") this.zoom(1 / ZOOM_STEP, this.surface.width / 2);
    else if (event.key === "-") this.zoom(ZOOM_STEP, this.surface.width / 2);
    else if (event.key === "Home") this.view.pan(-1e9, t);
    else if (event.key === "End") this.view.live();
    else if (event.key === "Enter") this.goTo(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
    this.again();
  }
}
