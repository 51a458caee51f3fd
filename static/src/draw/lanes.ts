/**
 * The lanes of the clients: what each asked, when, and what came back. They begin with a window of time in which the last
 * few operations are seen; once somebody moves it, it is the one of the space-time diagram. A dot is a moment at which an operation may have taken effect; where no order explains an operation it is
 * framed and crossed out, and so is what contradicts it.
 */

import { standingEvent, type Standing } from "../model/judged.ts";
import { spanOfLast } from "../model/operations.ts";
import type { RoomModel } from "../model/room.ts";
import type { Hooks, Text } from "./hooks.ts";
import { paintLanes } from "./lanespaint.ts";
import type { Target } from "./spacetimeground.ts";
import { setText, theme } from "./theme.ts";
import { TimeView } from "./timeview.ts";

/** While the run plays it is drawn at most this often. */
const TICK_MS = 30;

export class Lanes extends TimeView {
  private standings: Standing[] = [];
  private told = { model: null as RoomModel | null, version: -1, seq: -1 };
  private chosen = "";
  private drawn = { still: "", moving: "", wall: 0 };

  constructor(root: HTMLElement, hooks: Hooks, text: Text) {
    super(root, hooks, text, text("Clients' operations over time"));
  }

  render(model: RoomModel, t: number, wall: number): void {
    this.shown = model;
    this.read(model);
    if (!this.fit(model, t)) return;
    this.readSelection(model);
    if (!this.due(model, t, wall)) return;
    this.targets = paintLanes(this.surface, model, t, this.view, this.standings, this.text, this.hooks.filter());
  }

  protected override suited(model: RoomModel, t: number): number {
    const operations = this.standings.map(({ operation }) => operation);
    return spanOfLast(operations, model.clients.length, t, super.suited(model, t));
  }

  /** The operations, made anew when something was told of them. */
  private read(model: RoomModel): void {
    const told = { model, version: model.operationsVersion, seq: model.world.seq };
    if (told.model === this.told.model && told.version === this.told.version && told.seq === this.told.seq) return;
    this.told = told;
    this.standings = model.standings();
  }

  private due(model: RoomModel, t: number, wall: number): boolean {
    const { width, height } = this.surface;
    const { view } = this;
    const still = `${view.following || view.from} ${view.span} ${model.branch} ${model.detached} ${JSON.stringify(model.selection)} ${width}x${height}:${this.emptied} ${theme().version}`;
    const moving = `${model.world.seq} ${model.operationsVersion} ${model.chronicle.version} ${Math.round((t / view.span) * width)}`;
    if (still === this.drawn.still && (moving === this.drawn.moving || (model.moving && wall - this.drawn.wall < TICK_MS))) return false;
    this.drawn = { still, moving, wall };
    return true;
  }

  private readSelection(model: RoomModel): void {
    const chosen = JSON.stringify(model.selection);
    if (chosen === this.chosen) return;
    this.chosen = chosen;
    const found = this.standings.find((each) => standingEvent(each, this.selected(model)) !== null);
    if (found) this.view.reveal(found.operation.returned ?? found.operation.invoked);
    setText(this.said, found ? this.hooks.describe(standingEvent(found, this.selected(model))!) : "");
  }

  protected selected(model: RoomModel): number | null {
    return model.selection?.kind === "event" ? model.selection.seq : null;
  }

  protected near(event: MouseEvent): Target | null {
    const { x, y } = this.at(event);
    let best: Target | null = null;
    let least = 14;
    for (const target of this.targets) {
      const outside = Math.max(target.x - x, x - (target.x1 ?? target.x), 0);
      const distance = Math.hypot(outside, Math.max(0, Math.abs(target.y - y) - 12));
      if (distance < least) [best, least] = [target, distance];
    }
    return best;
  }

  /** The operation that began before or after the selected one. */
  protected neighbour(by: 1 | -1): void {
    const model = this.shown;
    if (!model || !this.standings.length) return;
    const at = this.selected(model);
    const index = this.standings.findIndex((each) => standingEvent(each, at) !== null);
    const next = index >= 0 ? index + by : by === 1 ? 0 : this.standings.length - 1;
    const found = this.standings[next]?.operation;
    if (found) this.hooks.select({ kind: "event", seq: found.returned_seq ?? found.invoked_seq });
  }
}
