/** Mouse, finger, pen and keyboard on the ring. */

import { layOut, type Offsets } from "../model/layout.ts";
import type { HostId, Selection } from "../model/types.ts";
import type { Ring } from "./ring.ts";
import { set } from "./theme.ts";

/** A press that moves less than this is a click. */
const DRAG_MIN = 6;
const LONG_PRESS_MS = 550;
/** One press of Alt and an arrow moves a host by this share of the stage. */
const KEY_SHARE = 0.02;

interface Press {
  x: number;
  y: number;
  pointer: number;
  host: HostId | null;
  selection: Selection | null;
  target: Element;
  dragging: boolean;
  /** Offsets when the press began. */
  before: Offsets;
  timer: number;
}

const ARROWS: Record<string, [number, number]> = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };

export class RingPointer {
  private press: Press | null = null;
  private readonly leave = new AbortController();

  constructor(private readonly ring: Ring) {
    const { box } = ring;
    const { signal } = this.leave;
    box.addEventListener("pointerdown", (event) => this.down(event), { signal });
    // A click leaves the focus where it was, so that the arrows and space go on meaning steps and play.
    box.addEventListener("mousedown", (event) => event.preventDefault(), { signal });
    box.addEventListener("pointermove", (event) => this.move(event), { signal });
    box.addEventListener("pointerup", (event) => this.up(event), { signal });
    box.addEventListener("pointercancel", () => this.cancel(), { signal });
    box.addEventListener("contextmenu", (event) => this.menu(event), { signal });
    box.addEventListener("keydown", (event) => this.key(event), { signal });
    // A script or a screen reader clicks without a pointer.
    box.addEventListener("click", (event) => event.detail === 0 && this.choose(this.ring.selectionOf(event.target as Element), event.target as Element), { signal });
    box.addEventListener("focusin", (event) => this.tabStops((event.target as Element).closest("g[tabindex]")), { signal });
  }

  destroy(): void {
    this.leave.abort();
  }

  /** One host and one link are reached with Tab, their neighbours with the arrows. */
  tabStops(current: Element | null = null): void {
    for (const group of this.ring.picture.querySelectorAll<SVGGElement>("g.hosts, g.links")) {
      const items = [...group.children];
      const chosen = current && group.contains(current) ? current : (items.find((item) => item.getAttribute("tabindex") === "0") ?? items[0]);
      for (const item of items) if ((item.getAttribute("tabindex") === "0") !== (item === chosen)) item.setAttribute("tabindex", item === chosen ? "0" : "-1");
    }
  }

  private at(event: MouseEvent): [number, number] {
    const frame = this.ring.box.getBoundingClientRect();
    return [event.clientX - frame.left, event.clientY - frame.top];
  }

  private what(event: MouseEvent, touch: boolean): Selection | null {
    const [x, y] = this.at(event);
    const hit = this.ring.flights.hit(x, y, touch ? 24 : 14);
    if (hit) return { kind: "message", id: hit.id, ...(hit.seq === undefined ? {} : { seq: hit.seq }) };
    return this.ring.selectionOf(event.target as Element);
  }

  private down(event: PointerEvent): void {
    if (event.button !== 0 || this.press) return;
    const selection = this.what(event, event.pointerType === "touch");
    const host = selection?.kind === "host" ? selection.host : null;
    const timer = event.pointerType === "touch" && selection ? window.setTimeout(() => this.longPress(event), LONG_PRESS_MS) : 0;
    const target = event.target as Element;
    this.press = { x: event.clientX, y: event.clientY, pointer: event.pointerId, host, selection, target, dragging: false, before: this.ring.hooks.offsets(), timer };
  }

  private longPress(event: PointerEvent): void {
    const press = this.press;
    if (!press || press.dragging || !press.selection) return;
    this.press = null;
    this.ring.hooks.select(press.selection);
    this.ring.hooks.openMenu(press.selection, event.clientX, event.clientY, press.target);
  }

  private move(event: PointerEvent): void {
    const press = this.press;
    if (!press) {
      this.ring.box.style.cursor = this.ring.flights.hit(...this.at(event)) ? "pointer" : "";
      return;
    }
    if (event.pointerId !== press.pointer) return;
    const [dx, dy] = [event.clientX - press.x, event.clientY - press.y];
    if (!press.dragging) {
      if (Math.hypot(dx, dy) < DRAG_MIN || (press.selection && !press.host)) return;
      // A finger on an empty place scrolls the page.
      if (!press.host && event.pointerType === "touch") return void this.cancel();
      press.dragging = true;
      clearTimeout(press.timer);
      this.ring.box.setPointerCapture(press.pointer);
    }
    if (press.host) this.drag(press, press.host, dx, dy);
    else this.drawLasso(press, event);
  }

  private drag(press: Press, host: HostId, dx: number, dy: number): void {
    const { box } = this.ring.stage!;
    const old = press.before[host] ?? { x: 0, y: 0 };
    this.place(host, old.x + dx / box.width, old.y + dy / box.height);
  }

  /** Offsets are kept within the stage, so that a host dragged over the edge comes back at once. */
  private place(host: HostId, x: number, y: number): void {
    const { ring } = this;
    const model = ring.model!;
    const { box } = ring.stage!;
    const home = layOut(model.protocol.view.layout, model.nodes, model.clients, box).spots[host]!;
    const wanted = { ...ring.hooks.offsets(), [host]: { x, y } };
    const there = layOut(model.protocol.view.layout, model.nodes, model.clients, box, wanted).spots[host]!;
    wanted[host] = { x: (there.x - home.x) / box.width, y: (there.y - home.y) / box.height };
    ring.hooks.saveOffsets(wanted);
    ring.move();
  }

  private drawLasso(press: Press, event: PointerEvent): void {
    const frame = this.ring.box.getBoundingClientRect();
    const [x0, y0] = [press.x - frame.left, press.y - frame.top];
    const [x1, y1] = this.at(event);
    const { lasso } = this.ring;
    set(lasso, "visibility", "visible");
    set(lasso, "x", Math.min(x0, x1));
    set(lasso, "y", Math.min(y0, y1));
    set(lasso, "width", Math.abs(x1 - x0));
    set(lasso, "height", Math.abs(y1 - y0));
  }

  private up(event: PointerEvent): void {
    const press = this.press;
    if (!press || event.pointerId !== press.pointer) return;
    this.cancel();
    if (!press.dragging) return this.choose(press.selection, press.target, event);
    if (press.host) return;
    const frame = this.ring.box.getBoundingClientRect();
    const [x0, y0] = [press.x - frame.left, press.y - frame.top];
    const [x1, y1] = this.at(event);
    const inside = (v: number, a: number, b: number): boolean => v >= Math.min(a, b) && v <= Math.max(a, b);
    const spots = Object.entries(this.ring.stage?.spots ?? {});
    const caught = spots.filter(([, spot]) => inside(spot.x, x0, x1) && inside(spot.y, y0, y1)).map(([id]) => id);
    if (caught.length) this.ring.hooks.lasso(caught);
  }

  private cancel(): void {
    if (this.press) clearTimeout(this.press.timer);
    this.press = null;
    set(this.ring.lasso, "visibility", "hidden");
  }

  /** Selects; what is selected already opens its menu. */
  private choose(selection: Selection | null, target: Element, event?: MouseEvent): void {
    const { hooks, model } = this.ring;
    const again = selection && model && JSON.stringify(model.selection) === JSON.stringify(selection);
    if (selection && again) {
      const frame = target.getBoundingClientRect();
      hooks.openMenu(selection, event ? event.clientX : frame.left + frame.width / 2, event ? event.clientY : frame.bottom, focusable(target));
    } else hooks.select(selection);
  }

  private menu(event: MouseEvent): void {
    const keyboard = event.clientX === 0 && event.clientY === 0;
    const target = keyboard ? (document.activeElement ?? (event.target as Element)) : (event.target as Element);
    const selection = keyboard ? this.ring.selectionOf(target) : this.what(event, false);
    if (!selection) return;
    event.preventDefault();
    this.cancel();
    this.ring.hooks.select(selection);
    const frame = target.getBoundingClientRect();
    const [x, y] = keyboard ? [frame.left + frame.width / 2, frame.top + frame.height / 2] : [event.clientX, event.clientY];
    this.ring.hooks.openMenu(selection, x, y, focusable(target));
  }

  private key(event: KeyboardEvent): void {
    const item = (event.target as Element).closest<SVGGElement>("g[tabindex]");
    if (!item || event.ctrlKey || event.metaKey) return;
    const selection = this.ring.selectionOf(item);
    const arrow = ARROWS[event.key];
    if (arrow && event.altKey && selection?.kind === "host") {
      const old = this.ring.hooks.offsets()[selection.host] ?? { x: 0, y: 0 };
      this.place(selection.host, old.x + arrow[0] * KEY_SHARE, old.y + arrow[1] * KEY_SHARE);
    } else if (arrow && !event.altKey) this.neighbour(item, arrow[0] + arrow[1]);
    else if (event.key === "Home" || event.key === "End") this.focus((event.key === "Home" ? item.parentElement?.firstElementChild : item.parentElement?.lastElementChild) ?? item);
    else if (event.key === "Enter" || event.key === " ") this.choose(selection, item);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private neighbour(item: Element, by: number): void {
    const items = [...(item.parentElement?.children ?? [])];
    this.focus(items[(items.indexOf(item) + by + items.length) % items.length] ?? item);
  }

  private focus(item: Element): void {
    (item as SVGGElement).focus();
  }
}

function focusable(element: Element): Element {
  return element.closest("g[tabindex]") ?? element;
}
