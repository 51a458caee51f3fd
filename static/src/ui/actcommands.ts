/** Commands that forms and gestures make. Pure. */
import { compareHosts, type Command, type HostId, type Link, type World } from "../model/types.ts";
import { hostIds, linkOf, type Scene, type Way } from "./scene.ts";
import { text } from "./text.ts";

/** Groups as typed in the partition dialog: `{n1: "A", n2: "B", c1: ""}`; no letter = talks to all. */
export function partitionCommand(choice: Record<HostId, string>): Command | string {
  const groups = new Map<string, HostId[]>();
  for (const id of Object.keys(choice).sort(compareHosts)) {
    const letter = choice[id];
    if (letter) groups.set(letter, [...(groups.get(letter) ?? []), id]);
  }
  if (groups.size < 2) return text("A partition needs at least two groups with somebody in them.");
  const letters = [...groups.keys()].sort();
  return { type: "partition", groups: letters.map((letter) => groups.get(letter) ?? []) };
}

/** Everybody in the lasso on one side, everybody else on the other. */
export function lassoCommand(world: World, inside: HostId[]): Command | string {
  const choice: Record<HostId, string> = {};
  for (const id of hostIds(world)) choice[id] = inside.includes(id) ? "A" : "B";
  return partitionCommand(choice);
}

/** All ordered pairs of hosts: what the dials over all links act on. Clients do not talk to each other. */
export function allWays(world: World): Way[] {
  const ids = hostIds(world);
  return ids.flatMap((src) =>
    ids
      .filter((dst) => dst !== src && (world.hosts[src]?.kind === "node" || world.hosts[dst]?.kind === "node"))
      .map((dst) => ({ src, dst })),
  );
}

/** The commands that give links these settings; a link that has them already needs none. */
export function linkCommands(scene: Pick<Scene, "world" | "setup">, ways: Way[], part: Partial<Link>): Command[] {
  const differs = (link: Link): boolean => (Object.keys(part) as (keyof Link)[]).some((key) => link[key] !== part[key]);
  return ways.filter((way) => differs(linkOf(scene, way))).map((way) => ({ type: "set_link", ...way, ...part }));
}
