/** The ring on which messages go around: a broad arrow from each node to the neighbour it sends to, under the links. */

import type { Stage } from "../model/layout.ts";
import type { RoomModel } from "../model/room.ts";
import type { HostId } from "../model/types.ts";
import { set, svg } from "./theme.ts";

/** Pixels between the arrow and the discs at its ends, and the length of its head. */
const GAP = 12;
const HEAD = 15;

export class Successors {
  readonly root = svg("g", { class: "successors", "aria-hidden": "true" });
  private readonly arrows = new Map<HostId, SVGGElement>();
  private seen = "";
  private stage: Stage | null = null;

  draw(model: RoomModel, stage: Stage): void {
    const field = model.protocol.view.node.successor;
    if (!field) return;
    const next = Object.fromEntries(model.nodes.map((id) => [id, this.nextOf(model, id, field)]));
    const key = JSON.stringify(next);
    if (key === this.seen && stage === this.stage) return;
    [this.seen, this.stage] = [key, stage];
    for (const [id, to] of Object.entries(next)) this.arrow(id, to, stage);
  }

  private nextOf(model: RoomModel, id: HostId, field: string): HostId | null {
    const host = model.world.hosts[id];
    const to = host?.up ? host.state[field] : null;
    return typeof to === "string" && to !== id && model.nodes.includes(to) ? to : null;
  }

  private arrow(id: HostId, to: HostId | null, stage: Stage): void {
    let arrow = this.arrows.get(id);
    if (!arrow) {
      arrow = svg("g", {}, [svg("path", { class: "shaft" }), svg("path", { class: "head" })]);
      this.arrows.set(id, arrow);
      this.root.append(arrow);
    }
    set(arrow, "visibility", to ? "visible" : "hidden");
    if (!to) return;
    const [a, b] = [stage.spots[id]!, stage.spots[to]!];
    const length = Math.hypot(b.x - a.x, b.y - a.y) || 1;
    const [from, tip] = [Math.min(a.r + GAP, length / 2), Math.max(length - b.r - GAP, length / 2)];
    const head = Math.min(HEAD, tip - from);
    const angle = (Math.atan2(b.y - a.y, b.x - a.x) * 180) / Math.PI;
    set(arrow, "transform", `translate(${a.x.toFixed(1)} ${a.y.toFixed(1)}) rotate(${angle.toFixed(1)})`);
    set(arrow.firstElementChild!, "d", `M${from.toFixed(1)} 0H${(tip - head).toFixed(1)}`);
    set(arrow.lastElementChild!, "d", `M${tip.toFixed(1)} 0l${-head} ${-head * 0.6}v${head * 1.2}Z`);
  }
}
