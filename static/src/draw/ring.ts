/**
 * The ring: nodes, clients and links as SVG that a keyboard and a screen reader reach, and a canvas over them for what
 * moves. Click or Enter selects; a second click, the context menu or the menu key opens the acts; dragging moves a host,
 * dragging from an empty place is a lasso.
 */

import { layOut, type Stage } from "../model/layout.ts";
import type { RoomModel } from "../model/room.ts";
import type { HostId, Selection } from "../model/types.ts";
import { Flights } from "./flights.ts";
import type { Drawing, Hooks, Text } from "./hooks.ts";
import { RingLink, Wall } from "./ringlinks.ts";
import { legendOf } from "./ringlegend.ts";
import { RingNode } from "./ringnode.ts";
import { RingPointer } from "./ringpointer.ts";
import { html, set, svg } from "./theme.ts";

export class Ring implements Drawing {
  readonly box = html("div", "ring");
  readonly picture = svg("svg", { class: "ring-picture", role: "group" });
  readonly flights = new Flights();
  readonly lasso = svg("rect", { class: "lasso", visibility: "hidden" });
  private readonly links = svg("g", { class: "links", role: "group" });
  private readonly hosts = svg("g", { class: "hosts", role: "group" });
  private readonly wall: Wall;
  private nodes = new Map<HostId, RingNode>();
  private lines: RingLink[] = [];
  private shown: RoomModel | null = null;
  private linksSeq = "";
  private stale = true;
  private legend: HTMLElement | null = null;
  stage: Stage | null = null;
  private readonly pointer: RingPointer;

  constructor(
    readonly root: HTMLElement,
    readonly hooks: Hooks,
    private readonly text: Text,
  ) {
    this.wall = new Wall(text);
    this.picture.append(hatchings(), this.links, this.wall.root, this.hosts, this.lasso);
    const { canvas } = this.flights.surface;
    canvas.setAttribute("aria-hidden", "true");
    this.box.append(this.picture, canvas);
    this.root.append(this.box);
    this.pointer = new RingPointer(this);
    set(this.picture, "aria-label", text("The cluster"));
    set(this.links, "aria-label", text("Links"));
    set(this.hosts, "aria-label", text("Nodes and clients"));
  }

  get model(): RoomModel | null {
    return this.shown;
  }

  render(model: RoomModel, t: number): void {
    if (this.shown !== model) this.build(model);
    if (this.stale || !this.stage) this.place(model);
    const stage = this.stage;
    if (!stage) return;
    const { selection } = model;
    // Links change with events and selections only.
    const seen = `${model.world.seq} ${model.branch} ${model.detached} ${JSON.stringify(selection)}`;
    if (seen !== this.linksSeq) {
      this.linksSeq = seen;
      this.drawLinks(model, stage);
    }
    for (const node of this.nodes.values()) node.draw(model, t, stage.spots);
    this.flights.render(model, t, stage, this.hooks.filter());
  }

  resize(): void {
    this.stale = true;
  }

  /** After a drag: everything stands elsewhere. */
  move(): void {
    this.stale = true;
    if (this.shown) this.render(this.shown, this.shown.t);
  }

  destroy(): void {
    this.pointer.destroy();
    this.box.remove();
  }

  private build(model: RoomModel): void {
    this.shown = model;
    this.hosts.replaceChildren();
    this.links.replaceChildren();
    this.nodes = new Map();
    this.lines = [];
    const hosts = [...model.nodes, ...model.clients];
    for (const src of hosts) {
      for (const dst of hosts) {
        const clients = Number(src.startsWith("c")) + Number(dst.startsWith("c"));
        if (src === dst || clients === 2) continue;
        const line = new RingLink(src, dst, clients > 0, this.text);
        this.lines.push(line);
        this.links.append(line.root);
      }
    }
    for (const id of hosts) {
      const node = new RingNode(id, model.world.hosts[id]!.kind, model.protocol.view.node.fill ?? "", this.text);
      this.nodes.set(id, node);
      this.hosts.append(node.root);
    }
    this.pointer.tabStops();
    this.legend?.remove();
    this.legend = legendOf(model.protocol, this.text);
    this.box.append(this.legend);
    this.stale = true;
  }

  private place(model: RoomModel): void {
    const width = this.root.clientWidth;
    const height = this.root.clientHeight;
    if (!width || !height) return;
    this.stale = false;
    this.linksSeq = "";
    this.stage = layOut(model.protocol.view.layout, model.nodes, model.clients, { width, height }, this.hooks.offsets());
    set(this.picture, "width", width);
    set(this.picture, "height", height);
    set(this.picture, "viewBox", `0 0 ${width} ${height}`);
    this.placeLegend(this.stage);
  }

  /** In the first upper corner where it covers no host; nowhere, if there is none. */
  private placeLegend({ spots, box }: Stage): void {
    const { legend } = this;
    if (!legend) return;
    const [wide, high] = [legend.offsetWidth + 24, legend.offsetHeight + 8];
    const free = (left: number): boolean =>
      Object.values(spots).every(({ x, y, r }) => y - r - 14 > high || x + r + 10 < left || x - r - 10 > left + wide);
    const place = free(box.width - wide) ? "right" : free(0) ? "left" : "none";
    legend.dataset.place = place;
  }

  private drawLinks(model: RoomModel, stage: Stage): void {
    for (const line of this.lines) line.draw(model, stage);
    this.wall.draw(model.world.groups, stage);
  }

  /** What stands at an element of the picture. */
  selectionOf(element: Element | null): Selection | null {
    const group = element?.closest<SVGGElement>("g.host, g.link");
    if (!group) return null;
    const { host, src, dst } = group.dataset;
    if (host) return { kind: "host", host };
    return src && dst ? { kind: "link", src, dst } : null;
  }
}

/** Hatchings for the six hues of terms, used on paper (stage.css). */
function hatchings(): SVGDefsElement {
  const looks: [number, number][] = [[45, 7], [135, 7], [0, 6], [90, 6], [45, 3.5], [135, 3.5]];
  return svg("defs", {}, looks.map(([angle, pitch], i) => {
    const ground = svg("rect", { width: pitch, height: pitch, fill: "#fff" });
    const line = svg("path", { d: `M0 0V${pitch}`, stroke: "#999", "stroke-width": 1.6 });
    const attributes = { id: `hue-${i}`, width: pitch, height: pitch, patternUnits: "userSpaceOnUse", patternTransform: `rotate(${angle})` };
    return svg("pattern", attributes, [ground, line]);
  }));
}
