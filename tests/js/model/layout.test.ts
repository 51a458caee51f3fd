import assert from "node:assert/strict";
import { test } from "node:test";
import { chipHalves, chipRows, lane, layOut, walls, type Segment } from "../../../static/src/model/layout.ts";
import type { LayoutName } from "../../../static/src/model/types.ts";
import { below, pick, seeded } from "./generator.ts";

const names = (letter: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${letter}${i + 1}`);
const BOXES = [
  { width: 390, height: 240 },
  { width: 390, height: 400 },
  { width: 360, height: 480 },
  { width: 590, height: 420 },
  { width: 1024, height: 600 },
];

for (const layout of ["circle", "star", "columns", "line"] as LayoutName[]) {
  test(`1 to 9 nodes and 0 to 4 clients stand apart and inside the stage (${layout})`, () => {
    for (const box of BOXES) {
      for (let n = 1; n <= 9; n++) {
        for (let c = 0; c <= 4; c++) {
          const { spots } = layOut(layout, names("n", n), names("c", c), box);
          const list = Object.entries(spots);
          assert.equal(list.length, n + c);
          for (const [id, a] of list) {
            const where = `${id} of ${n}+${c} at ${box.width}x${box.height}`;
            assert.ok(a.x - a.r >= 0 && a.x + a.r <= box.width && a.y - a.r >= 0 && a.y + a.r <= box.height, `${where} leaves the stage`);
            for (const [other, b] of list) {
              if (other <= id) continue;
              assert.ok(Math.hypot(a.x - b.x, a.y - b.y) >= a.r + b.r, `${where} overlaps ${other}`);
            }
          }
        }
      }
    }
  });
}

test("nine nodes on a phone use the length of their ellipse, and keep their distance", () => {
  const nodes = names("n", 9);
  const { spots, nodeRadius } = layOut("circle", nodes, names("c", 2), { width: 390, height: 240 });
  assert.ok(nodeRadius >= 22, `${nodeRadius} pixels`);
  for (const [i, id] of nodes.entries()) {
    const [a, b] = [spots[id]!, spots[nodes[(i + 1) % 9]!]!];
    assert.ok(Math.hypot(a.x - b.x, a.y - b.y) >= 3.09 * nodeRadius, `${id} and the next`);
  }
});

test("a dragged host goes where it was dragged, and never over the edge", () => {
  const box = { width: 600, height: 500 };
  const nodes = names("n", 5);
  const home = layOut("circle", nodes, [], box).spots.n1!;
  const moved = layOut("circle", nodes, [], box, { n1: { x: 0.1, y: 0.2 } }).spots;
  assert.ok(Math.abs(moved.n1!.x - home.x - 60) < 0.01);
  assert.ok(Math.abs(moved.n1!.y - home.y - 100) < 0.01);
  const far = layOut("circle", nodes, [], box, { n1: { x: 9, y: -9 } }).spots.n1!;
  assert.ok(far.x + far.r <= 600 && far.y - far.r >= 0);
});

test("the two lanes of a pair lie side by side", () => {
  const [a, b] = [{ x: 0, y: 0, r: 20 }, { x: 200, y: 0, r: 20 }];
  const there = lane(a, b, 7);
  const back = lane(b, a, 7);
  assert.equal(there.y0, -back.y0);
  assert.ok(Math.abs(there.y0) > 6);
  assert.ok(there.x0 > a.r && there.x1 < b.x - b.r);
});

function crosses([ax, ay, bx, by]: Segment, [cx, cy, dx, dy]: Segment): boolean {
  const side = (x0: number, y0: number, x1: number, y1: number, x: number, y: number): number => (x1 - x0) * (y - y0) - (y1 - y0) * (x - x0);
  const e = 1e-6;
  const across = (p: number, q: number): boolean => (p >= -e && q <= e) || (p <= e && q >= -e);
  return across(side(ax, ay, bx, by, cx, cy), side(ax, ay, bx, by, dx, dy)) && across(side(cx, cy, dx, dy, ax, ay), side(cx, cy, dx, dy, bx, by));
}

test("between any two hosts of different groups there is a wall, and none where there is one group", () => {
  for (let seed = 1; seed <= 100; seed++) {
    const draw = seeded(seed);
    const nodes = names("n", 2 + below(draw, 8));
    const clients = names("c", below(draw, 4));
    const box = pick(draw, BOXES);
    const { spots } = layOut("circle", nodes, clients, box);
    const groups: string[][] = [[], [], []];
    for (const id of [...nodes, ...clients]) pick(draw, groups).push(id);
    const found = walls(spots, groups, box, seed % 2 ? clients : []);
    const groupOf = (id: string): number => groups.findIndex((group) => group.includes(id));
    for (const a of Object.keys(spots)) {
      for (const b of Object.keys(spots)) {
        if (groupOf(a) === groupOf(b)) continue;
        const way: Segment = [spots[a]!.x, spots[a]!.y, spots[b]!.x, spots[b]!.y];
        assert.ok(found.some((wall) => crosses(wall, way)), `seed ${seed}: ${a} to ${b} is open`);
      }
    }
    assert.deepEqual(walls(spots, [[...nodes, ...clients]], box), []);
  }
});

const far = ([x0, y0, x1, y1]: Segment, { x, y }: { x: number; y: number }): number => {
  const steps = Array.from({ length: 201 }, (_, i) => Math.hypot(x0 + ((x1 - x0) * i) / 200 - x, y0 + ((y1 - y0) * i) / 200 - y));
  return Math.min(...steps);
};

test("a client whose group is on the other side moves there, and no wall touches a client or a node", () => {
  for (const box of BOXES.filter(({ width }) => width > 400)) {
    for (const many of [5, 7]) {
      const [nodes, clients] = [names("n", many), names("c", 2)];
      for (let first = 0; first < many; first++) {
        const two = [nodes[first]!, nodes[(first + 1) % many]!];
        const rest = nodes.filter((id) => !two.includes(id));
        for (const groups of [[[...two, "c1"], [...rest, "c2"]], [two, [...rest, "c1", "c2"]], [two, rest]]) {
          const { spots } = layOut("circle", nodes, clients, box, {}, groups);
          const found = walls(spots, groups, box, clients);
          assert.ok(found.length > 0);
          for (const [id, spot] of Object.entries(spots)) {
            const least = Math.min(...found.map((wall) => far(wall, spot)));
            assert.ok(least >= spot.r + 3, `${id} at ${least.toFixed(1)}: ${JSON.stringify(groups)} at ${box.width}x${box.height}`);
          }
        }
      }
    }
  }
});

test("a client far from all walls has none of its own", () => {
  const [nodes, clients] = [names("n", 5), names("c", 2)];
  const box = { width: 1024, height: 600 };
  const { spots } = layOut("circle", nodes, clients, box, {}, [["n1", "n2"], ["n3", "n4", "n5"]]);
  const alone = Object.fromEntries(nodes.map((id) => [id, spots[id]!]));
  const groups = [["n1", "n2"], ["n3", "n4", "n5", "c1", "c2"]];
  const near = clients.filter((id) => walls(alone, groups, box).some((wall) => far(wall, spots[id]!) < spots[id]!.r + 30));
  assert.deepEqual(near, []);
  assert.deepEqual(walls(spots, groups, box, clients), walls(alone, groups, box));
});

test("chips of nodes side by side do not meet, and there are none where they say nothing any more", () => {
  const at = (x: number, y = 100): { x: number; y: number; r: number } => ({ x, y, r: 40 });
  const rows = (spots: Record<string, { x: number; y: number; r: number }>, wanted: number[]): [number[], number] => {
    const nodes = Object.keys(spots);
    const halves = chipHalves(spots, nodes, wanted);
    return [halves, chipRows(spots, nodes, halves)];
  };
  assert.deepEqual(rows({ n1: at(100), n2: at(400) }, [60, 75]), [[60, 75], 2]);
  assert.deepEqual(rows({ n1: at(100), n2: at(240) }, [60, 75]), [[60, 65], 2]);
  assert.deepEqual(rows({ n1: at(100), n2: at(170, 101) }, [60, 75])[1], 0);
  assert.deepEqual(rows({ n1: at(100), n2: at(240, 200) }, [60, 75])[0], [60, 75], "they stand at another height");
});
