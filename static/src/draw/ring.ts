/**
 * The ring: nodes, clients and links as SVG that a keyboard and a screen reader reach, and a canvas over them for what
 * moves. Click or Enter selects; a second click, the context menu or the menu key opens the acts; dragging moves a host,
 * dragging from an empty place is a lasso.
 */

import { commonLink, differs } from "../model/channels.ts";
import { layOut, walls, type Segment, type Stage } from "../model/layout.ts";
import type { RoomModel } from "../model/room.ts";
import type { HostId, Link, Selection } from "../model/types.ts";
import { Flights } from "./flights.ts";
import type { Drawing, Hooks, Text } from "./hooks.ts";
import { commonText, RingLink, Wall, type TextBox } from "./ringlinks.ts";
import type { legendOf } from "./ringlegend.ts";
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
  private dress: { legendOf: typeof legendOf; successors: Successors } | null = null;
  private readonly wall: Wall;
  private nodes = new Map<HostId, RingNode>();
  private lines: RingLink[] = [];
  private shown: RoomModel | null = null;
  private linksSeq = "";
  private groups = "";
  /** The stage on which links were drawn. */
  private linked: Stage | null = null;
  private stale = true;
  private legend: HTMLElement | null = null;
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
    this.flights.render(model, t, stage, this.hooks.filter());
  }

  /** From now on it can be touched, and says what is what; the code for that comes after the first picture. */
  listen(Pointer: typeof RingPointer, legend: typeof legendOf, successors: Successors): void {
    this.pointer = new Pointer(this);
    this.dress = { legendOf: legend, successors };
    this.picture.insertBefore(successors.root, this.links);
    if (!this.shown) return;
    this.pointer.tabStops();
    this.explain(this.shown);
  }

  private explain({ protocol }: RoomModel): void {
    this.legend?.remove();
    this.legend = this.dress?.legendOf(protocol, this.text) ?? null;
    if (this.legend) this.box.append(this.legend);
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

  destroy(): void {
    this.pointer?.destroy();
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
      const node = new RingNode(id, model.world.hosts[id]!.kind, model.protocol.view.node.fill ?? "", model.protocol.fields, this.text);
      this.nodes.set(id, node);
      this.hosts.append(node.root);
    }
    this.pointer?.tabStops();
    this.explain(model);
  }

  private place(model: RoomModel): void {
    const width = this.root.clientWidth;
    const height = this.root.clientHeight;
    if (!width || !height) return;
    this.stale = false;
    this.linksSeq = "";
    this.stage = layOut(model.protocol.view.layout, model.nodes, model.clients, { width, height }, this.hooks.offsets(), model.world.groups);
    set(this.picture, "width", width);
    set(this.picture, "height", height);
    set(this.picture, "viewBox", `0 0 ${width} ${height}`);
    this.placeLegend(this.stage, model);
  }

  /** In the first corner where it covers no host and, if that can be, no wall; smaller, if need be; or nowhere. */
  private placeLegend(stage: Stage, model: RoomModel): void {
    const { legend } = this;
    if (!legend) return;
    const built = model.world.groups ? walls(stage.spots, model.world.groups, stage.box, model.clients) : [];
    for (const compact of [false, true]) {
      legend.classList.toggle("compact", compact);
      const place = this.corner(stage, [legend.offsetWidth + (compact ? 14 : 24), legend.offsetHeight + 8], compact ? 6 : 14, built);
      legend.dataset.place = place ?? "none";
      if (place) return;
    }
  }

  private corner({ spots, box }: Stage, [wide, high]: [number, number], above: number, built: Segment[]): string | undefined {
    const corners: Record<string, [number, number]> = { right: [box.width - wide, 0], left: [0, 0], "right bottom": [box.width - wide, box.height - high], "left bottom": [0, box.height - high] };
    const free = (left: number, top: number): boolean =>
      Object.values(spots).every(({ x, y, r }) => y - r - above > top + high || y + r + 36 < top || x + r + 10 < left || x - r - 10 > left + wide);
    const open = (left: number, top: number): boolean => !built.some((wall) => passes(wall, left, left + wide, top, top + high));
    const places = Object.keys(corners).filter((name) => free(...corners[name]!));
    return places.find((name) => open(...corners[name]!)) ?? places[0];
  }

  private drawLinks(model: RoomModel, stage: Stage): void {
    const usual = model.setup.link;
    const [between, beside] = [false, true].map((quiet) => {
      const links = this.lines.filter((line) => line.quiet === quiet).map(({ src, dst }) => model.linkState(src, dst));
      return { links, common: commonLink(links, usual) };
    }) as [Common, Common];
    const count = [between, beside].reduce((sum, { links, common }) => sum + links.filter((link) => differs(link, common)).length, 0);
    const many = count > (stage.nodeRadius < SMALL ? NOTES_MAX / 2 : NOTES_MAX);
    const legend = this.legendBox(stage);
    const taken = (): TextBox[] => [...legend, ...this.lines.flatMap((line) => line.noteBox ?? [])];
    if (stage !== this.linked) for (const line of this.lines) line.noteBox = null;
    this.linked = stage;
    for (const line of this.lines) line.draw(model, stage, line.quiet ? beside.common : between.common, many, taken);
    const all = between.links.every((link) => !differs(link, between.common));
    setText(this.common, commonText(between.common, usual, all, this.text));
    if (this.common.textContent) this.placeCommon(stage);
    this.wall.draw(model.world.groups, stage, model.clients);
    this.dress?.successors.draw(model, stage);
  }

  private legendBox({ box }: Stage): TextBox[] {
    const { legend } = this;
    const place = legend?.dataset.place ?? "none";
    if (!legend || place === "none") return [];
    const [wide, high] = [legend.offsetWidth + 12, legend.offsetHeight + 10];
    const left = place.startsWith("right") ? box.width - wide : 0;
    const top = place.endsWith("bottom") ? box.height - high : 0;
    return [{ left, right: left + wide, top, bottom: top + high }];
  }

  /** In the first corner that is free of hosts and of the legend. */
  private placeCommon({ spots, box }: Stage): void {
    const [wide, high] = [this.common.offsetWidth + 20, this.common.offsetHeight + 12];
    const legend = this.legend?.dataset.place;
    const free = (left: number, top: number): boolean =>
      Object.values(spots).every(({ x, y, r }) => x + r + 12 < left || x - r - 12 > left + wide || y + r + 34 < top || y - r - 14 > top + high);
    const corners = { "left top": [0, 0], "right top": [box.width - wide, 0], "left bottom": [0, box.height - high], "right bottom": [box.width - wide, box.height - high] };
    const found = Object.entries(corners).find(([name, [left, top]]) => name !== legend && name !== `${legend} top` && free(left!, top!));
    this.common.dataset.place = found?.[0] ?? (legend === "left" ? "right top" : "left top");
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

/** True when a wall runs through a box. */
function passes([x0, y0, x1, y1]: Segment, left: number, right: number, top: number, bottom: number): boolean {
  for (let i = 0; i <= 20; i++) {
    const [x, y] = [x0 + ((x1 - x0) * i) / 20, y0 + ((y1 - y0) * i) / 20];
    if (x >= left && x <= right && y >= top && y <= bottom) return true;
  }
  return false;
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
