/**
 * The space-time diagram: time runs to the right, one lifeline a host, one arrow a message. Only the window in sight is
 * drawn, found by binary search, so that it costs the same at a hundred events and at a hundred thousand.
 *
 * Drag or swipe pans, wheel and pinch zoom, a click selects an event or a message and lights its causal past and future.
 * Keys: arrows pan, + and − zoom, Shift and arrows go from event to event, End follows the run, Enter goes to the event.
 */

import { coneOf, type Cone } from "../model/causality.ts";
import type { RoomModel } from "../model/room.ts";
import type { Selection } from "../model/types.ts";
import type { Hooks, Text } from "./hooks.ts";
import { paint, type Target } from "./spacetimepaint.ts";
import { setText, theme } from "./theme.ts";
import { TimeView } from "./timeview.ts";

const ASK_EVERY_MS = 400;
/** While the run plays it is drawn at most this often. */
const TICK_MS = 30;

export class SpaceTime extends TimeView {
  private cone: Cone | null = null;
  private chosen = "";
  private asked = 0;
  private drawn = { still: "", moving: "", wall: 0 };

  constructor(root: HTMLElement, hooks: Hooks, text: Text) {
    super(root, hooks, text, text("Space-time diagram"));
  }

  render(model: RoomModel, t: number, wall: number): void {
    if (this.shown !== model) {
      this.shown = model;
      this.cone = null;
    }
    if (!this.fit(model, t)) return;
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
    const still = `${this.view.following || this.view.from} ${this.view.span} ${branch} ${detached} ${JSON.stringify(selection)} ${width}x${height}:${this.emptied} ${theme().version} ${this.hooks.filter()}`;
    const moving = `${world.seq} ${chronicle.version} ${Math.round((t / this.view.span) * width)}`;
    if (still === this.drawn.still && (moving === this.drawn.moving || (model.moving && wall - this.drawn.wall < TICK_MS))) return false;
    this.drawn = { still, moving, wall };
    return true;
  }

  protected selected(model: RoomModel): number | null {
    return this.eventOf(model, model.selection);
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

  protected near(event: MouseEvent): Target | null {
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

  /** The event before or after the selected one; on the selected event's host, if one is selected. */
  protected neighbour(by: 1 | -1): void {
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
