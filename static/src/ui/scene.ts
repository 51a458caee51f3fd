/** The situation in which somebody acts: all that an act may depend on, and why nobody may act at all. Pure. */
import type { ChallengeState } from "../model/told.ts";
import { compareHosts, linkId, type Command, type Flight, type Host, type HostId, type Link, type Protocol, type Setup, type World } from "../model/types.ts";
import { limitRefusal } from "./limits.ts";
import { text } from "./text.ts";

/** All that an act may depend on. */
export interface Scene {
  world: World;
  protocol: Protocol;
  setup: Setup;
  connected: boolean;
  mayControl: boolean;
  /** Who has the controls, for the reason. */
  holder: string;
  /** The moment shown; by default that of the world's last event. */
  now?: number;
  /** The event at which this viewer looks around alone; null when with the room. */
  alone: number | null;
  stopped: boolean;
  /** The cluster is watched beside others, and all have the same faults. */
  compared?: boolean;
  /** Few acts may be given here. */
  challenge?: ChallengeState | null;
}

export type FormName = "clock" | "link" | "delay" | "request" | "partition" | "dials" | "rules";

export interface Act {
  id: string;
  label: string;
  /** One key, as in KeyboardEvent.key; it acts on the selection. */
  key?: string;
  /** null = possible; else the sentence that says why not. */
  refusal: string | null;
  /** Either the commands at once ... */
  commands?: Command[];
  /** ... or the form that asks for the rest. */
  form?: FormName;
  tone?: "bad" | "good";
}

export interface Row<T> {
  id: string;
  key?: string;
  tone?: "bad" | "good";
  form?: FormName;
  label(target: T, scene: Scene): string;
  applies?(target: T, scene: Scene): boolean;
  refusal(target: T, scene: Scene): string | null;
  commands?(target: T, scene: Scene): Command[];
}

export interface Way {
  src: HostId;
  dst: HostId;
}

/* ------------------------------------------------------------------ reasons */

/** Why nobody here may act at all, whatever the act. */
export function roomRefusal(scene: Scene): string | null {
  if (scene.stopped) return text("This room has stopped.");
  if (!scene.connected) return text("The connection is lost; wait until it is back.");
  if (scene.alone !== null) return text("You are looking around alone. Return to the room to act in it.");
  if (!scene.mayControl) return text("{name} has the controls.", { name: scene.holder });
  return null;
}

/** What has a meaning in one cluster alone. */
const OWN = ["drop", "duplicate", "delay", "deliver_now", "rules", "fire_timer"];

/** Why an act can't be done in a challenge, or while clusters are compared. */
export function ownRefusal(scene: Scene, id: string): string | null {
  const limit = scene.challenge ? limitRefusal(scene.challenge, id) : null;
  if (limit !== null) return limit;
  return scene.compared && OWN.includes(id) ? text("Clusters that are compared have the same faults: this would change one alone.") : null;
}

export function host(scene: Scene, id: HostId): Host | undefined {
  return scene.world.hosts[id];
}

export function linkOf(scene: Pick<Scene, "world" | "setup">, way: Way): Link {
  return scene.world.links[linkId(way.src, way.dst)] ?? scene.setup.link;
}

export function hostIds(world: World): HostId[] {
  return Object.keys(world.hosts).sort(compareHosts);
}

export function flight(scene: Scene, id: number): Flight | undefined {
  return scene.world.flights[String(id)];
}

export function noClient(scene: Scene): string | null {
  if (!scene.protocol.operations.length) return text("In this protocol clients ask for nothing.");
  const clients = Object.values(scene.world.hosts).some((each) => each.kind === "client");
  return clients ? null : text("This room has no client.");
}

export function timerLabel(protocol: Protocol, timer: string): string {
  const spec = protocol.timers[timer];
  return spec ? text(spec.label) : timer;
}

export function waysThat(scene: Scene, wanted: (link: Link) => boolean): Way[] {
  return Object.entries(scene.world.links)
    .filter(([, link]) => wanted(link))
    .map(([id]) => wayOf(id));
}

export function wayOf(id: string): Way {
  const [src = "", dst = ""] = id.split(">");
  return { src, dst };
}
