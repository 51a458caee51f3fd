/** The versions of what the nodes go by, such as who is a member, as they are at one moment. Pure. */
import type { RosterSpec } from "./forms.ts";
import { isLogWindow, type FieldValue, type HostId, type Value, type World } from "./types.ts";

export interface Part {
  /** msgid */
  label: string;
  nodes: HostId[];
}

export interface Version {
  /** Who goes by it. */
  nodes: HostId[];
  parts: Part[];
  /** All nodes are in the usual part, and nobody is anywhere else. */
  usual: boolean;
}

/** The parts of one version that have nodes in them; null where the value is none. */
export function partsOf(spec: RosterSpec, value: FieldValue | undefined): Part[] | null {
  if (typeof value !== "object" || value === null || Array.isArray(value) || isLogWindow(value)) return null;
  const nodesIn = (part: string): HostId[] => namesIn((value as Record<string, Value>)[part]);
  if (!Object.keys(spec.parts).some((part) => part in value)) return null;
  return Object.entries(spec.parts).flatMap(([part, label]) => {
    const nodes = nodesIn(part);
    const beside = spec.beside[part];
    return nodes.length ? [{ label: beside && nodesIn(beside[0]).length ? beside[1] : label, nodes }] : [];
  });
}

function namesIn(value: Value | undefined): HostId[] {
  return Array.isArray(value) ? value.filter((name): name is string => typeof name === "string") : [];
}

/** What the nodes that are up go by, those that agree together, in the order of their first nodes. */
export function versionsOf(spec: RosterSpec, world: World, nodes: readonly HostId[]): Version[] {
  const found = new Map<string, Version>();
  for (const id of nodes) {
    const host = world.hosts[id];
    const parts = host?.up ? partsOf(spec, host.state[spec.field]) : null;
    if (!parts) continue;
    const key = JSON.stringify(parts);
    const known = found.get(key);
    if (known) known.nodes.push(id);
    else found.set(key, { nodes: [id], parts, usual: parts.length === 1 && parts[0]!.label === spec.parts[spec.usual] && parts[0]!.nodes.length === nodes.length });
  }
  return [...found.values()];
}

/** Whether anything is to be told in this room: where all stays as it is, the field holds nothing. */
export function hasRoster(spec: RosterSpec | null | undefined, world: World): spec is RosterSpec {
  return !!spec && Object.values(world.hosts).some((host) => host.kind === "node" && partsOf(spec, host.state[spec.field]) !== null);
}
