/**
 * Where hosts stand on the stage, in CSS pixels. Pure: name of the layout, hosts, the size of the box, and how far a
 * person has dragged each host. Clients stand outside: in the
 * corners of a wide stage, else in a row at the lower edge.
 *
 * Reference: up to 9 nodes and 3 clients do not overlap in a box of 390 x 400 and of 1024 x 600 pixels.
 */

import type { HostId, LayoutName } from "./types";

export interface Box {
  width: number;
  height: number;
}

export interface Spot {
  x: number;
  y: number;
  r: number;
}

/** How far a host was dragged from its own place, as a share of the box. */
export type Offsets = Record<HostId, { x: number; y: number }>;

export interface Stage {
  box: Box;
  spots: Record<HostId, Spot>;
  nodeRadius: number;
  clientRadius: number;
}

const NODE_RADIUS_MAX = 50;
const NODE_RADIUS_MIN = 17;
/** Room around a node, in radii: the arc and the crown above it. */
const MARGIN = 1.5;
/** Room below a node for its two chips, in pixels. */
const CHIPS = 34;
/** The same below nodes too small for chips: their arc. */
const NO_CHIPS = 18;
/** Smaller nodes than this have none; the second takes a larger one. */
export const CHIP_RADIUS = 27;
/** Neighbours' centres on an ellipse, in radii. */
const APART = 3.1;
/** As far small nodes grow where the ellipse has room: larger ones leave it to chips. */
const GROWN_MAX = 30;
/** Steps in which an ellipse is measured. */
const ARC_STEPS = 180;
const EDGE = 6;
/** Places tried along each edge for a client that must change sides. */
const BESIDE_STEPS = 16;

export function layOut(name: LayoutName, nodes: readonly HostId[], clients: readonly HostId[], box: Box, offsets: Offsets = {}, groups: readonly HostId[][] | null = null): Stage {
  const clientRadius = Math.max(15, Math.min(24, box.width / 24));
  // A wide stage has its corners free; in columns clients stand at the left, from where they ask.
  const corners = (name === "circle" || name === "star") && box.width > box.height * 1.2 && clients.length <= 4;
  const column = name === "columns" && clients.length ? clientRadius * 2 + 20 : 0;
  const row = clients.length && !corners && !column ? clientRadius * 2 + 30 : 0;
  const inner = { width: box.width - column, height: Math.max(80, box.height - row) };
  const { places, r } = PLACERS[name](nodes.length, inner);
  const spots: Record<HostId, Spot> = {};
  nodes.forEach((id, i) => (spots[id] = { x: column + places[i]![0], y: places[i]![1], r }));
  clients.forEach((id, i) => {
    const low = box.height - clientRadius - 22;
    if (column) {
      spots[id] = { x: clientRadius + 12, y: (box.height * (i + 0.5)) / clients.length, r: clientRadius };
    } else if (corners) {
      const side = clientRadius + 16;
      spots[id] = { x: i % 2 ? box.width - side : side, y: i < 2 ? low : clientRadius + 12, r: clientRadius };
    } else spots[id] = { x: (box.width * (i + 1)) / (clients.length + 1), y: low, r: clientRadius };
  });
  if (groups) for (const id of clients) spots[id] = beside(spots, id, nodes, groups, box);
  for (const [id, spot] of Object.entries(spots)) {
    const moved = offsets[id];
    const x = spot.x + (moved ? moved.x * box.width : 0);
    const y = spot.y + (moved ? moved.y * box.height : 0);
    spots[id] = { r: spot.r, x: clamp(x, spot.r + 2, box.width - spot.r - 2), y: clamp(y, spot.r + 2, box.height - spot.r - 2) };
  }
  return { box, spots, nodeRadius: r, clientRadius };
}

/** A client's spot on its group's side of a partition: its own, or the nearest free one along the edges of the box. */
function beside(spots: Record<HostId, Spot>, id: HostId, nodes: readonly HostId[], groups: readonly HostId[][], box: Box): Spot {
  const home = spots[id]!;
  const group = groups.find((one) => one.includes(id));
  const own = group?.filter((other) => nodes.includes(other)) ?? [];
  if (!own.length || own.includes(nearest(spots, nodes, home))) return home;
  const others = Object.entries(spots).filter(([other]) => other !== id);
  const { r } = home;
  const free = ({ x, y }: Spot): boolean =>
    others.every(([, spot]) => Math.hypot(spot.x - x, spot.y - y) > spot.r + r + 22 && (Math.abs(spot.x - x) > r + 40 || Math.abs(spot.y + spot.r + 16 - y) > r + 22));
  const [left, right, top, bottom] = [r + 16, box.width - r - 16, r + 12, box.height - r - 22];
  let best = home;
  let least = Infinity;
  for (let i = 0; i <= BESIDE_STEPS; i++) {
    const x = left + ((right - left) * i) / BESIDE_STEPS;
    const y = top + ((bottom - top) * i) / BESIDE_STEPS;
    for (const spot of [{ x, y: bottom, r }, { x, y: top, r }, { x: left, y, r }, { x: right, y, r }]) {
      const far = Math.hypot(spot.x - home.x, spot.y - home.y);
      if (far < least && free(spot) && own.includes(nearest(spots, nodes, spot))) [best, least] = [spot, far];
    }
  }
  return best;
}

function nearest(spots: Record<HostId, Spot>, ids: readonly HostId[], { x, y }: Spot): HostId {
  let best = "";
  let least = Infinity;
  for (const id of ids) {
    const far = Math.hypot(spots[id]!.x - x, spots[id]!.y - y);
    if (far < least) [best, least] = [id, far];
  }
  return best;
}

type Placing = { places: [number, number][]; r: number };

const PLACERS: Record<LayoutName, (count: number, box: Box) => Placing> = {
  circle: (count, box) => circle(count, box, false),
  star: (count, box) => (count < 3 ? circle(count, box, false) : circle(count - 1, box, true)),
  columns,
  line,
};

/**
 * On an ellipse, the first at the top, clockwise, as far from one another along it; `middle` adds one host there, put first.
 * Where there is room, chips have theirs below the nodes; nodes that are too small for chips take it for themselves.
 */
function circle(count: number, box: Box, middle: boolean): Placing {
  const spacious = ellipse(count, box, middle, CHIPS);
  return spacious.r >= CHIP_RADIUS ? spacious : ellipse(count, box, middle, NO_CHIPS);
}

function ellipse(count: number, box: Box, middle: boolean, below: number): Placing {
  const halfX = box.width / 2;
  const halfY = (box.height - below + 12) / 2;
  if (count <= 1 && !middle) return { places: [[halfX, halfY]], r: Math.min(NODE_RADIUS_MAX, halfX / 2, halfY / 2) };
  const half = Math.min(halfX, halfY) - EDGE;
  const sine = Math.sin(Math.PI / Math.max(2, count));
  // Neighbours' centres 3.1 radii apart on the smaller circle: 2 (half - MARGIN r) sine = 3.1 r
  let r = (2 * half * sine) / (APART + 2 * MARGIN * sine);
  let most = half * 0.3;
  // Between the node in the middle and those around it: two chips and a crown.
  if (middle) most = Math.min(most, half / ((below === CHIPS ? 3.6 : 3.1) + MARGIN));
  r = clamp(Math.min(r, most), NODE_RADIUS_MIN, NODE_RADIUS_MAX);
  const around = (size: number): [number, number][] => {
    const ry = halfY - EDGE - MARGIN * size;
    const rx = Math.min(halfX - EDGE - 1.3 * size, ry * (below === CHIPS ? 1.7 : 2));
    return spread(count, rx, Math.min(ry, rx * 1.4), count === 2 ? Math.PI : -Math.PI / 2);
  };
  // A long ellipse has room for more than that circle: small nodes grow, as far as they stay as far apart.
  while (r + 0.5 <= Math.min(most, GROWN_MAX) && closest(around(r + 0.5)) >= APART * (r + 0.5)) r += 0.5;
  const places = around(r).map(([x, y]): [number, number] => [halfX + x, halfY + y]);
  return { places: middle ? [[halfX, halfY], ...places] : places, r };
}

/** Around a middle at (0, 0), at equal ways along the ellipse. */
function spread(count: number, rx: number, ry: number, start: number): [number, number][] {
  const at = (turn: number): [number, number] => [rx * Math.cos(start + turn), ry * Math.sin(start + turn)];
  const ways = [0];
  for (let i = 1; i <= ARC_STEPS; i++) {
    const [a, b] = [at((2 * Math.PI * (i - 1)) / ARC_STEPS), at((2 * Math.PI * i) / ARC_STEPS)];
    ways.push(ways[i - 1]! + Math.hypot(b[0] - a[0], b[1] - a[1]));
  }
  const places: [number, number][] = [];
  for (let i = 0, step = 0; i < count; i++) {
    const wanted = (ways[ARC_STEPS]! * i) / count;
    while (ways[step + 1]! <= wanted) step++;
    const part = (wanted - ways[step]!) / (ways[step + 1]! - ways[step]!);
    places.push(at((2 * Math.PI * (step + part)) / ARC_STEPS));
  }
  return places;
}

/** The least distance between neighbours. */
function closest(places: readonly [number, number][]): number {
  return Math.min(...places.map(([x, y], i) => Math.hypot(places[(i + 1) % places.length]![0] - x, places[(i + 1) % places.length]![1] - y)));
}

/** Neighbours' centres in columns and in lines, in radii: discs, arcs, badges. */
const PITCH = 2.75;
/** Smaller discs than these make it worth while to stagger. */
const STAGGER_BELOW = 30;

/**
 * The first host in the left column, the others in the right one (a coordinator and its participants), which staggers where
 * they would get too small.
 */
function columns(count: number, box: Box): Placing {
  const others = Math.max(1, count - 1);
  const top = 14;
  const height = box.height - top - CHIPS;
  const [left, right] = [box.width * 0.44, box.width * 0.9];
  const step = height / others;
  let best = { r: 0, ways: 1, dx: 0 };
  for (const ways of [1, 2, 3]) {
    const dx = ways > 1 ? (right - left) / (ways - 1) / (ways === 2 ? 1.4 : 1) : 0;
    const near = Math.min(ways * step, ways > 1 ? Math.hypot(dx, step) : Infinity);
    const r = clamp(Math.min(near / (ways > 1 ? 3.1 : PITCH), box.width / 8.5), 0, NODE_RADIUS_MAX);
    if (r > best.r + 2 && best.r < STAGGER_BELOW) best = { r, ways, dx };
  }
  const { ways, dx } = best;
  const r = Math.max(NODE_RADIUS_MIN, best.r);
  const places: [number, number][] = [[Math.max(r * 1.5, box.width * 0.19), top + height / 2]];
  const edge = Math.min(right, box.width - r * 1.45);
  for (let i = 0; i < count - 1; i++) places.push([ways > 1 ? edge - (ways - 1 - (i % ways)) * dx : Math.min(edge, box.width * 0.76), top + step * (i + 0.5)]);
  return { places, r };
}

/** A row; where it is too narrow, every other one stands lower. */
function line(count: number, box: Box): Placing {
  const pitch = box.width / count;
  const height = box.height - CHIPS;
  const straight = Math.min(pitch / PITCH, height / 3);
  if (straight >= STAGGER_BELOW || count < 3) {
    const r = clamp(straight, NODE_RADIUS_MIN, NODE_RADIUS_MAX);
    return { places: Array.from({ length: count }, (_, i) => [pitch * (i + 0.5), box.height / 2]), r };
  }
  const r = clamp(Math.min((2 * pitch) / PITCH, pitch / 1.2, height / 5.2), NODE_RADIUS_MIN, NODE_RADIUS_MAX);
  // The first and the last stand clear of the edges.
  const inner = (box.width - 3 * r) / (count - 1);
  const low = Math.sqrt(Math.max(0, (PITCH * 1.15 * r) ** 2 - inner ** 2)) / 2;
  return { places: Array.from({ length: count }, (_, i) => [1.5 * r + inner * i, height / 2 + 8 + (i % 2 ? low : -low)]), r };
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(Math.max(low, high), value));
}

/** Pixels: height of a chip, half the gap between two, and half the width below which one says nothing any more. */
const CHIP_ROW = 15;
const CHIP_GAP = 5;
const CHIP_HALF_MIN = 34;
/** Reach of what surrounds a disc: the arc and the badge. */
const AROUND = 8;
/** Height of a crown, in pixels. */
const CROWN = 24;

/** Half the widths that chips may have so that those of nodes side by side do not meet; as wanted, where that leaves too little. */
export function chipHalves(spots: Record<HostId, Spot>, nodes: readonly HostId[], wanted: readonly number[]): number[] {
  let room = Infinity;
  for (const a of nodes) {
    for (const b of nodes) {
      const [dx, dy] = [Math.abs(spots[a]!.x - spots[b]!.x), Math.abs(spots[a]!.y - spots[b]!.y)];
      if (a < b && dy < 2 * CHIP_ROW) room = Math.min(room, dx / 2 - CHIP_GAP);
    }
  }
  return wanted.map((half) => (room >= CHIP_HALF_MIN ? Math.min(half, room) : half));
}

/** How many chips, of half these widths in pixels, stand below every node without covering another host. */
export function chipRows(spots: Record<HostId, Spot>, nodes: readonly HostId[], halves: readonly number[]): number {
  const hosts = Object.entries(spots);
  for (let row = 0; row < halves.length; row++) {
    const half = halves[row]!;
    for (const id of nodes) {
      const { x, y, r } = spots[id]!;
      const [top, bottom] = [y + r + 10 + row * 15, y + r + 26 + row * 15];
      const meets = nodes.some((other) => other !== id && Math.abs(spots[other]!.y - y) < 2 * CHIP_ROW && Math.abs(spots[other]!.x - x) < 2 * half);
      const covers = meets || hosts.some(([other, b]) => {
        const dx = Math.max(0, Math.abs(b.x - x) - half);
        const dy = b.y < top ? top - b.y : Math.max(0, b.y - bottom);
        const crowned = dx < b.r * 0.5 && b.y > y && bottom > b.y - b.r - CROWN;
        return other !== id && (crowned || Math.hypot(dx, dy) < b.r + AROUND);
      });
      if (covers) return row;
    }
  }
  return halves.length;
}

/* ------------------------------------------------------------------ lanes and walls */

export interface Lane {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
  /** Unit vector to the right of the way. */
  nx: number;
  ny: number;
}

/** The lane from one host to another, from edge to edge, `shift` pixels to the right of the line between centres. */
export function lane(a: Spot, b: Spot, shift: number, gap = 4): Lane {
  const dx = b.x - a.x;
  const dy = b.y - a.y;
  const length = Math.hypot(dx, dy) || 1;
  const [ux, uy] = [dx / length, dy / length];
  const [nx, ny] = [-uy, ux];
  const from = Math.min(a.r + gap, length / 2);
  const to = Math.max(length - b.r - gap, length / 2);
  return {
    x0: a.x + ux * from + nx * shift,
    y0: a.y + uy * from + ny * shift,
    x1: a.x + ux * to + nx * shift,
    y1: a.y + uy * to + ny * shift,
    nx,
    ny,
  };
}

export type Segment = [number, number, number, number];

/** Between a wall and a client's disc, in pixels. */
const WALL_FREE = 10;

/**
 * The walls of a partition: the borders between the cells of hosts that can't talk, cut to the box. Cells are those of a
 * power diagram: the larger disc has the larger cell. Nodes of no group leave a gap in the wall, for they talk to all.
 * Clients have cells of their own only where they stand among nodes of another group, or where a wall would touch them.
 */
export function walls(spots: Record<HostId, Spot>, groups: readonly HostId[][], box: Box, clients: readonly HostId[] = []): Segment[] {
  const groupOf = new Map<HostId, number>();
  groups.forEach((group, g) => group.forEach((id) => groupOf.set(id, g)));
  const ids = Object.keys(spots).filter((id) => !clients.includes(id));
  const others = clients.filter((id) => spots[id] && ids.length > 0);
  const add = (wanted: (id: HostId) => boolean): boolean => {
    const found = others.findIndex(wanted);
    if (found >= 0) ids.push(...others.splice(found, 1));
    return found >= 0;
  };
  const astray = (id: HostId): boolean => groupOf.has(id) && groupOf.get(cellAt(spots, ids, spots[id]!)) !== groupOf.get(id);
  for (;;) {
    if (add(astray)) continue;
    const found = bordersOf(spots, ids, groupOf, box);
    if (!add((id) => found.some((wall) => distance(wall, spots[id]!) < spots[id]!.r + WALL_FREE))) return found;
  }
}

/** In whose cell a point is. */
function cellAt(spots: Record<HostId, Spot>, ids: readonly HostId[], { x, y }: Spot): HostId {
  const power = (id: HostId): number => (spots[id]!.x - x) ** 2 + (spots[id]!.y - y) ** 2 - spots[id]!.r ** 2;
  return ids.reduce((best, id) => (power(id) < power(best) ? id : best));
}

function bordersOf(spots: Record<HostId, Spot>, ids: HostId[], groupOf: ReadonlyMap<HostId, number>, box: Box): Segment[] {
  const found: Segment[] = [];
  for (let i = 0; i < ids.length; i++) {
    for (let j = i + 1; j < ids.length; j++) {
      const [gi, gj] = [groupOf.get(ids[i]!), groupOf.get(ids[j]!)];
      if (gi === undefined || gj === undefined || gi === gj) continue;
      const segment = border(spots, ids, i, j, box);
      if (segment) found.push(segment);
    }
  }
  return found;
}

/** From a wall to the middle of a host. */
function distance([x0, y0, x1, y1]: Segment, { x, y }: Spot): number {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const along = Math.max(0, Math.min(1, ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(x0 + dx * along - x, y0 + dy * along - y);
}

/** The part of the line between the cells of hosts i and j that is in no other host's cell. */
function border(spots: Record<HostId, Spot>, ids: HostId[], i: number, j: number, box: Box): Segment | null {
  const a = spots[ids[i]!]!;
  const b = spots[ids[j]!]!;
  const length = Math.hypot(b.x - a.x, b.y - a.y);
  if (length === 0) return null;
  const share = 0.5 + (a.r * a.r - b.r * b.r) / (2 * length * length);
  const [mx, my] = [a.x + (b.x - a.x) * share, a.y + (b.y - a.y) * share];
  const [dx, dy] = [-(b.y - a.y) / length, (b.x - a.x) / length];
  let low = -Infinity;
  let high = Infinity;
  // Keep the s with slope * s <= bound.
  const cut = (slope: number, bound: number): void => {
    if (Math.abs(slope) < 1e-9) {
      if (bound < 0) high = low - 1;
    } else if (slope > 0) high = Math.min(high, bound / slope);
    else low = Math.max(low, bound / slope);
  };
  cut(dx, box.width - mx);
  cut(-dx, mx);
  cut(dy, box.height - my);
  cut(-dy, my);
  for (let k = 0; k < ids.length; k++) {
    if (k === i || k === j) continue;
    const c = spots[ids[k]!]!;
    // |p - a|² - ra² <= |p - c|² - rc² with p = m + s d
    const [cx, cy] = [c.x - a.x, c.y - a.y];
    cut(2 * (dx * cx + dy * cy), c.x * c.x + c.y * c.y - c.r * c.r - (a.x * a.x + a.y * a.y - a.r * a.r) - 2 * (mx * cx + my * cy));
  }
  if (!(high - low > 0.5)) return null;
  return [mx + dx * low, my + dy * low, mx + dx * high, my + dy * high];
}
