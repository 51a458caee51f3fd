/**
 * The timeline: a bar painted with what happened, from the beginning of the branch to its head. Bands are terms, ticks are
 * elections, commits, crashes, partitions and violations; the tree of branches hangs below it (`ui/tree.tsx`).
 * It is a slider: arrows go event by event, Page Up and Page Down from tick to tick, Home and End to the ends.
 */

import { termHue, timeLabel } from "../model/channels.ts";
import type { RoomModel } from "../model/room.ts";
import { barEnd } from "../model/tree.ts";
import type { MarkKind } from "../model/types.ts";
import { cross } from "./glyphs.ts";
import type { Drawing, Hooks, Text } from "./hooks.ts";
import { hatch, html, set, Surface, termFill, theme, type Theme } from "./theme.ts";

/** A drag asks the server at most this often. */
const SEEK_EVERY_MS = 80;
/** What of the bar is beside the time at both ends, as in the tree of branches under it. */
export const PAD = 12;
const BAND_TOP = 6;
/** Signs closer than this, in pixels, are folded into one with a count. */
const FOLD = 26;
const JUMPS: MarkKind[] = ["election", "crash", "restart", "partition", "heal", "conflict", "stepdown", "violation", "command"];

export class Timeline implements Drawing {
  private readonly box = html("div", "timeline", { role: "slider", tabindex: "0", "aria-orientation": "horizontal", "aria-valuemin": "0" });
  private readonly surface = new Surface("timeline-canvas");
  private shown: RoomModel | null = null;
  private fitted = false;
  private key = "";
  /** While dragging: the time under the finger. */
  private dragged: number | null = null;
  private askedAt = 0;
  private askTimer = 0;
  private readonly leave = new AbortController();

  constructor(
    readonly root: HTMLElement,
    private readonly hooks: Hooks,
    private readonly text: Text,
  ) {
    set(this.box, "aria-label", text("Timeline"));
    this.surface.canvas.setAttribute("aria-hidden", "true");
    this.box.append(this.surface.canvas);
    this.root.append(this.box);
    const { signal } = this.leave;
    this.box.addEventListener("pointerdown", (event) => this.down(event), { signal });
    // A click leaves the focus where it was, so that the arrows and space go on meaning steps and play.
    this.box.addEventListener("mousedown", (event) => event.preventDefault(), { signal });
    this.box.addEventListener("pointermove", (event) => this.drag(event), { signal });
    this.box.addEventListener("pointerup", (event) => this.up(event), { signal });
    this.box.addEventListener("pointercancel", () => (this.dragged = null), { signal });
    this.box.addEventListener("keydown", (event) => this.press(event), { signal });
  }

  resize(): void {
    this.fitted = false;
  }

  destroy(): void {
    clearTimeout(this.askTimer);
    this.leave.abort();
    this.box.remove();
  }

  render(model: RoomModel, t: number): void {
    this.shown = model;
    if (!this.fitted) {
      this.fitted = true;
      this.key = "";
      this.surface.fit(this.root.clientWidth, this.root.clientHeight);
    }
    const { width, height } = this.surface;
    if (width < 40 || height < 16) return;
    this.tell(model, t);
    const end = barEnd(model.headTime);
    const at = this.dragged ?? t;
    const colours = theme();
    // Nothing moved by half a pixel: nothing to draw.
    const pixel = Math.round((at / end) * (width - 2 * PAD) * 2);
    const now = Math.round((model.now / end) * (width - 2 * PAD) * 2);
    const key = `${pixel} ${now} ${model.tape.version} ${model.branch} ${model.detached} ${colours.version} ${width}x${height} ${Math.round(Math.log(end) * 300)}`;
    if (key === this.key) return;
    this.key = key;
    this.paint(model, at, end, colours);
  }

  private tell(model: RoomModel, t: number): void {
    set(this.box, "aria-valuemax", model.head);
    set(this.box, "aria-valuenow", model.world.seq);
    // Not with every frame: a screen reader would never stop.
    const time = timeLabel(Math.round(t / 10_000) * 10_000);
    const value = this.text("event {seq} of {head}, {time}", { seq: model.world.seq, head: model.head, time });
    if (!model.playing || model.detached) set(this.box, "aria-valuetext", value);
    else set(this.box, "aria-valuetext", this.text("event {seq} of {head}, playing", { seq: model.world.seq, head: model.head }));
  }

  /* ---------------------------------------------------------------- painting */

  private paint(model: RoomModel, at: number, end: number, colours: Theme): void {
    const { pen, width, height } = this.surface;
    const inner = width - 2 * PAD;
    const x = (time: number): number => PAD + (time / end) * inner;
    const bandHeight = Math.max(14, (height - BAND_TOP - 4) * 0.55);
    const tickTop = BAND_TOP + bandHeight + 1;
    const tickHeight = height - tickTop - 3;
    this.surface.clear();
    this.bands(model, x, end, bandHeight, colours);
    const commits = model.tape.ticks(0, end, inner, 2, ["commit"]);
    pen.fillStyle = colours.termInk;
    for (const tick of commits) pen.fillRect(PAD + tick.x - 1, BAND_TOP + bandHeight - 8, 2, 8);
    const size = Math.min(7, tickHeight / 2);
    for (const tick of model.tape.folds(0, end, inner, FOLD, JUMPS)) {
      sign(pen, tick.kind, PAD + tick.x, tickTop + tickHeight / 2, size, colours);
      if (tick.count > 1) this.count(tick.count, PAD + tick.x + size + 2, tickTop + tickHeight / 2, colours);
    }
    if (model.now < model.headTime) {
      pen.fillStyle = hatch(pen, colours.ink2, 7, 1);
      pen.globalAlpha = 0.3;
      pen.fillRect(x(model.now), BAND_TOP, x(model.headTime) - x(model.now), bandHeight);
      pen.globalAlpha = 1;
    }
    if (model.detached) this.line(x(model.now), colours.ink2, 1.5, height);
    this.cursor(x(at), colours, height);
  }

  /** How many marks are folded into a sign. */
  private count(many: number, left: number, middle: number, colours: Theme): void {
    const { pen } = this.surface;
    pen.font = `700 11px ${colours.font}`;
    pen.textAlign = "left";
    pen.textBaseline = "middle";
    pen.fillStyle = colours.ink;
    pen.fillText(many > 99 ? "99+" : String(many), left, middle + 0.5);
  }

  private bands(model: RoomModel, x: (time: number) => number, end: number, height: number, colours: Theme): void {
    const { pen } = this.surface;
    const head = Math.max(model.headTime, 1);
    pen.fillStyle = colours.surface2;
    pen.fillRect(PAD, BAND_TOP, x(end) - PAD, height);
    pen.textBaseline = "middle";
    pen.textAlign = "left";
    pen.font = `700 14px ${colours.font}`;
    for (const { from, to, value, host } of model.tape.bands(head)) {
      const [left, right] = [x(from), x(to)];
      // An election without terms is named by who leads.
      const named = value ?? host;
      pen.fillStyle = termFill(colours, termHue(named));
      pen.fillRect(left, BAND_TOP, Math.max(1, right - left), height);
      if (named === null) continue;
      if (host === null) {
        // A term that nobody leads.
        pen.fillStyle = hatch(pen, colours.termInk, 6, 1);
        pen.globalAlpha = 0.45;
        pen.fillRect(left, BAND_TOP, Math.max(1, right - left), height);
        pen.globalAlpha = 1;
      }
      pen.fillStyle = colours.termInk;
      pen.fillRect(left, BAND_TOP, 1.5, height);
      const label = value !== null && host !== null && right - left > 74 ? `${value} · ${host}` : String(named);
      const wide = pen.measureText(label).width;
      if (right - left <= wide + 8) continue;
      if (host === null) {
        pen.fillStyle = termFill(colours, termHue(named));
        pen.fillRect(left + 2, BAND_TOP + height / 2 - 9, wide + 6, 18);
        pen.fillStyle = colours.termInk;
      }
      pen.fillText(label, left + 5, BAND_TOP + height / 2);
    }
    pen.strokeStyle = colours.lineStrong;
    pen.lineWidth = 1;
    pen.strokeRect(PAD - 0.5, BAND_TOP - 0.5, x(end) - PAD + 1, height + 1);
  }

  private line(at: number, colour: string, width: number, height: number): void {
    const { pen } = this.surface;
    pen.fillStyle = colour;
    pen.fillRect(at - width / 2, 2, width, height - 4);
  }

  private cursor(at: number, colours: Theme, height: number): void {
    const { pen } = this.surface;
    pen.fillStyle = colours.stage;
    pen.fillRect(at - 3, 0, 6, height);
    this.line(at, colours.accent, 3, height + 4);
    pen.fillStyle = colours.accent;
    pen.strokeStyle = colours.stage;
    pen.lineWidth = 2;
    pen.beginPath();
    pen.arc(at, 7, 7, 0, 2 * Math.PI);
    pen.fill();
    pen.stroke();
  }

  /* ---------------------------------------------------------------- gestures */

  private timeAt(event: PointerEvent): number {
    const frame = this.box.getBoundingClientRect();
    const share = (event.clientX - frame.left - PAD) / Math.max(1, frame.width - 2 * PAD);
    const model = this.shown!;
    return Math.round(Math.max(0, Math.min(model.headTime, share * barEnd(model.headTime))));
  }

  private down(event: PointerEvent): void {
    if (event.button !== 0 || !this.shown) return;
    this.box.setPointerCapture(event.pointerId);
    this.dragged = this.timeAt(event);
    this.ask();
  }

  private drag(event: PointerEvent): void {
    if (this.dragged === null || !this.shown) return;
    this.dragged = this.timeAt(event);
    this.ask();
    this.render(this.shown, this.shown.t);
  }

  private up(event: PointerEvent): void {
    if (this.dragged === null || !this.shown) return;
    this.dragged = this.timeAt(event);
    clearTimeout(this.askTimer);
    this.askTimer = 0;
    this.hooks.seek({ time: this.dragged });
    this.dragged = null;
  }

  /** At most one seek every few frames; the last one always goes out. */
  private ask(): void {
    if (this.askTimer) return;
    const wait = Math.max(0, SEEK_EVERY_MS - (performance.now() - this.askedAt));
    this.askTimer = window.setTimeout(() => {
      this.askTimer = 0;
      this.askedAt = performance.now();
      if (this.dragged !== null) this.hooks.seek({ time: this.dragged });
    }, wait);
  }

  private press(event: KeyboardEvent): void {
    const model = this.shown;
    if (!model || event.ctrlKey || event.metaKey || event.altKey) return;
    const seq = model.world.seq;
    let to: number | null = null;
    if (event.key === "ArrowRight" || event.key === "ArrowUp") to = seq + 1;
    else if (event.key === "ArrowLeft" || event.key === "ArrowDown") to = seq - 1;
    else if (event.key === "PageDown") to = model.tape.neighbour(seq, -1, JUMPS)?.[0] ?? 0;
    else if (event.key === "PageUp") to = model.tape.neighbour(seq, 1, JUMPS)?.[0] ?? model.head;
    else if (event.key === "Home") to = 0;
    else if (event.key === "End") to = model.head;
    if (to === null) return;
    event.preventDefault();
    event.stopPropagation();
    to = Math.max(0, Math.min(model.head, to));
    if (to !== seq) this.hooks.seek({ seq: to });
  }
}

/** A sign for what happened; each has its own shape. */
function sign(pen: CanvasRenderingContext2D, kind: MarkKind, x: number, y: number, size: number, colours: Theme): void {
  pen.fillStyle = pen.strokeStyle = colours.ink;
  pen.lineWidth = 2.4;
  pen.beginPath();
  switch (kind) {
    case "election": // a crown
      pen.moveTo(x - size, y + size * 0.8);
      pen.lineTo(x - size, y - size * 0.7);
      pen.lineTo(x - size * 0.45, y);
      pen.lineTo(x, y - size);
      pen.lineTo(x + size * 0.45, y);
      pen.lineTo(x + size, y - size * 0.7);
      pen.lineTo(x + size, y + size * 0.8);
      pen.fill();
      break;
    case "crash":
      cross(pen, x, y, size * 0.85, colours.bad, 3);
      break;
    case "restart":
      pen.fillStyle = colours.good;
      pen.moveTo(x - size * 0.7, y - size);
      pen.lineTo(x + size, y);
      pen.lineTo(x - size * 0.7, y + size);
      pen.fill();
      break;
    case "partition": // a wall
      pen.fillStyle = colours.wall;
      pen.rect(x - size * 0.75, y - size, size * 0.6, size * 2);
      pen.rect(x + size * 0.15, y - size, size * 0.6, size * 2);
      pen.fill();
      break;
    case "heal": // a wall that is gone
      pen.strokeStyle = colours.wall;
      pen.lineWidth = 1.6;
      pen.setLineDash([2, 2]);
      pen.strokeRect(x - size * 0.6, y - size, size * 1.2, size * 2);
      pen.setLineDash([]);
      break;
    case "violation":
      pen.fillStyle = colours.bad;
      pen.moveTo(x, y - size * 1.1);
      pen.lineTo(x + size * 1.1, y + size);
      pen.lineTo(x - size * 1.1, y + size);
      pen.fill();
      pen.fillStyle = colours.stage;
      pen.fillRect(x - 1, y - size * 0.3, 2, size * 0.75);
      break;
    case "conflict":
      pen.strokeStyle = colours.bad;
      pen.moveTo(x - size, y);
      pen.lineTo(x + size, y);
      pen.moveTo(x - size * 0.5, y - size * 0.8);
      pen.lineTo(x - size, y);
      pen.lineTo(x - size * 0.5, y + size * 0.8);
      pen.moveTo(x + size * 0.5, y - size * 0.8);
      pen.lineTo(x + size, y);
      pen.lineTo(x + size * 0.5, y + size * 0.8);
      pen.stroke();
      break;
    case "stepdown":
      pen.moveTo(x - size * 0.8, y - size * 0.6);
      pen.lineTo(x + size * 0.8, y - size * 0.6);
      pen.lineTo(x, y + size * 0.8);
      pen.closePath();
      pen.stroke();
      break;
    default: // a command: a diamond, as in the space-time diagram
      pen.fillStyle = colours.ink2;
      pen.moveTo(x, y - size * 0.6);
      pen.lineTo(x + size * 0.6, y);
      pen.lineTo(x, y + size * 0.6);
      pen.lineTo(x - size * 0.6, y);
      pen.fill();
  }
}
