/**
 * The ring: nodes, clients and links as SVG that a keyboard and a screen reader reach, and a canvas over them for what
 * moves. Click or Enter selects; a second click, the context menu or the menu key opens the acts; dragging moves a host,
 * dragging from an empty place is a lasso.
 */

import { commonLink, differs } from "../model/channels.ts";
import { layOut, type Stage } from "../model/layout.ts";
import type { RoomModel } from "../model/room.ts";
import type { HostId, Link, Selection } from "../model/types.ts";
import { Flights } from "./flights.ts";
import type { Drawing, Hooks, Text } from "./hooks.ts";
import { commonText, RingLink, Wall, type TextBox } from "./ringlinks.ts";
import { watchEdges } from "./edges.ts";
import { legendOf } from "./ringlegend.ts";
import type { Successors } from "./ringsuccessors.ts";
import { RingNode } from "./ringnode.ts";
import type { RingPointer } from "./ringpointer.ts";
import { html, set, setText, svg } from "./theme.ts";

/** More notes than these on links would cover one another; half as many between small nodes. */
const NOTES_MAX = 16;
const SMALL = 24;

interface Common {
  links: Link[];
  common: Link;
}

export class Ring implements Drawing {
  readonly box = html("div", "ring");
  readonly picture = svg("svg", { class: "ring-picture", role: "group" });
  readonly flights = new Flights();
  readonly lasso = svg("rect", { class: "lasso", visibility: "hidden" });
  private readonly links = svg("g", { class: "links", role: "group" });
  private readonly hosts = svg("g", { class: "hosts", role: "group" });
  /** What comes after the first picture. */
  private successors: Successors | null = null;
  private readonly wall: Wall;
  private nodes = new Map<HostId, RingNode>();
  private lines: RingLink[] = [];
  private shown: RoomModel | null = null;
  private linksSeq = "";
  private groups = "";
  /** The stage on which links were drawn. */
  private linked: Stage | null = null;
  private stale = true;
  /** A line or two below the picture, at every size: there it covers nothing. */
  private legend: HTMLElement | null = null;
  private leaveLegend = (): void => {};
  /** What most links have, where that is not the set-up's. */
  private readonly common = html("p", "ring-common");
  stage: Stage | null = null;
  private pointer: RingPointer | null = null;

  constructor(
    readonly root: HTMLElement,
    readonly hooks: Hooks,
    private readonly text: Text,
  ) {
    this.wall = new Wall(text);
    this.picture.append(hatchings(), this.links, this.wall.root, this.hosts, this.lasso);
    const { canvas } = this.flights.surface;
    canvas.setAttribute("aria-hidden", "true");
    this.box.append(this.picture, canvas, this.common);
    this.root.append(this.box);
    set(this.picture, "aria-label", text("The cluster"));
    set(this.links, "aria-label", text("Links"));
    set(this.hosts, "aria-label", text("Nodes and clients"));
  }

  get model(): RoomModel | null {
    return this.shown;
  }

  render(model: RoomModel, t: number): void {
    if (this.shown !== model) this.build(model);
    // A partition may send a client to the other side.
    const groups = model.world.groups ? JSON.stringify(model.world.groups) : "";
    if (this.stale || !this.stage || groups !== this.groups) {
      this.groups = groups;
      this.place(model);
    }
    const stage = this.stage;
    if (!stage) return;
    const { selection } = model;
    // Links change with events and selections only.
    const seen = `${model.world.seq} ${model.branch} ${model.detached} ${JSON.stringify(selection)}`;
    if (seen !== this.linksSeq) {
      this.linksSeq = seen;
      this.drawLinks(model, stage);
    }
    for (const node of this.nodes.values()) node.draw(model, t, stage.spots, stage.box.width);
    const covers = [...this.nodes.values()].map((node) => node.covers());
    this.flights.render(model, t, stage, this.hooks.filter(), covers);
  }

  /** From now on it can be touched; the code for that comes after the first picture. */
  listen(Pointer: typeof RingPointer, successors: Successors): void {
    this.pointer = new Pointer(this);
    this.successors = successors;
    this.picture.insertBefore(successors.root, this.links);
    this.linksSeq = "";
    if (this.shown) this.pointer.tabStops();
  }

  private explain({ protocol, absent }: RoomModel): void {
    this.dropLegend();
    this.legend = legendOf(protocol, absent, this.text);
    this.root.append(this.legend);
    this.leaveLegend = watchEdges(this.legend);
    this.stale = true;
  }

  resize(): void {
    this.stale = true;
  }

  /** After a drag: everything stands elsewhere. */
  move(): void {
    this.stale = true;
    if (this.shown) this.render(this.shown, this.shown.t);
  }

  private dropLegend(): void {
    this.leaveLegend();
    this.legend?.remove();
  }

  destroy(): void {
    this.pointer?.destroy();
    this.dropLegend();
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
    this.pointer?.tabStops();
    this.explain(model);
  }

  private place(model: RoomModel): void {
    const width = this.box.clientWidth;
    const height = this.box.clientHeight;
    if (!width || !height) return;
    this.stale = false;
    this.linksSeq = "";
    this.stage = layOut(model.protocol.view.layout, model.nodes, model.clients, { width, height }, this.hooks.offsets(), model.world.groups);
    set(this.picture, "width", width);
    set(this.picture, "height", height);
    set(this.picture, "viewBox", `0 0 ${width} ${height}`);
    // One that scrolls is reached with the keyboard too.
    const { legend } = this;
    if (legend && legend.scrollWidth > legend.clientWidth) legend.tabIndex = 0;
    else legend?.removeAttribute("tabindex");
  }

  private drawLinks(model: RoomModel, stage: Stage): void {
    const usual = model.setup.link;
    const [between, beside] = [false, true].map((quiet) => {
      const links = this.lines.filter((line) => line.quiet === quiet).map(({ src, dst }) => model.linkState(src, dst));
      return { links, common: commonLink(links, usual) };
    }) as [Common, Common];
    const count = [between, beside].reduce((sum, { links, common }) => sum + links.filter((link) => differs(link, common)).length, 0);
    const many = count > (stage.nodeRadius < SMALL ? NOTES_MAX / 2 : NOTES_MAX);
    const taken = (): TextBox[] => this.lines.flatMap((line) => line.noteBox ?? []);
    if (stage !== this.linked) for (const line of this.lines) line.noteBox = null;
    this.linked = stage;
    for (const line of this.lines) line.draw(model, stage, line.quiet ? beside.common : between.common, many, taken);
    const all = between.links.every((link) => !differs(link, between.common));
    setText(this.common, commonText(between.common, usual, all, this.text));
    if (this.common.textContent) this.placeCommon(stage);
    this.wall.draw(model.world.groups, stage, model.clients);
    this.successors?.draw(model, stage);
  }

  /** In the first corner that is free of hosts; else it is left to the panel of the network. */
  private placeCommon({ spots, box }: Stage): void {
    const [wide, high] = [this.common.offsetWidth + 20, this.common.offsetHeight + 12];
    const free = (left: number, top: number): boolean =>
      Object.values(spots).every(({ x, y, r }) => x + r + 12 < left || x - r - 12 > left + wide || y + r + 34 < top || y - r - 14 > top + high);
    const corners = { "left top": [0, 0], "right top": [box.width - wide, 0], "left bottom": [0, box.height - high], "right bottom": [box.width - wide, box.height - high] };
    this.common.dataset.place = Object.entries(corners).find(([, [left, top]]) => free(left!, top!))?.[0] ?? "none";
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
