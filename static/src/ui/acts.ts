/**
 * What a person can do to a run, as one table. Menus, keys, lists and dialogs all read it, so that an act has one
 * name, one key, one reason for being impossible and one command, wherever it is found.
 *
 * Pure: a scene and a target in; a label, a reason or commands out. The server refuses the same things again.
 */
import type { ChallengeState } from "../model/told.ts";
import {
  compareHosts,
  linkId,
  parted,
  type Command,
  type Flight,
  type Host,
  type HostId,
  type Link,
  type Protocol,
  type Selection,
  type Setup,
  type World,
} from "../model/types.ts";
import { waitsAtHost } from "../model/channels.ts";
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

interface Row<T> {
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
function ownRefusal(scene: Scene, id: string): string | null {
  const limit = scene.challenge ? limitRefusal(scene.challenge, id) : null;
  if (limit !== null) return limit;
  return scene.compared && OWN.includes(id) ? text("Clusters that are compared have the same faults: this would change one alone.") : null;
}

function host(scene: Scene, id: HostId): Host | undefined {
  return scene.world.hosts[id];
}

export function linkOf(scene: Pick<Scene, "world" | "setup">, way: Way): Link {
  return scene.world.links[linkId(way.src, way.dst)] ?? scene.setup.link;
}

export function hostIds(world: World): HostId[] {
  return Object.keys(world.hosts).sort(compareHosts);
}

function flight(scene: Scene, id: number): Flight | undefined {
  return scene.world.flights[String(id)];
}

const landed = (id: number): string => text("Message {id} is no longer in flight.", { id });

/* ------------------------------------------------------------------ hosts */

const HOST_ROWS: Row<HostId>[] = [
  {
    id: "crash",
    key: "c",
    tone: "bad",
    label: () => text("Crash"),
    applies: (id, scene) => host(scene, id)?.kind === "node",
    refusal: (id, scene) => (host(scene, id)?.up ? null : text("{node} is down already.", { node: id })),
    commands: (id) => [{ type: "crash", node: id }],
  },
  {
    id: "restart",
    key: "r",
    tone: "good",
    label: () => text("Restart, disk kept"),
    applies: (id, scene) => host(scene, id)?.kind === "node",
    refusal: (id, scene) => (host(scene, id)?.up ? text("{node} is up: crash it first.", { node: id }) : null),
    commands: (id) => [{ type: "restart", node: id, disk: "kept" }],
  },
  {
    id: "restart_lost",
    tone: "bad",
    label: () => text("Restart, disk lost"),
    applies: (id, scene) => host(scene, id)?.kind === "node",
    refusal: (id, scene) => (host(scene, id)?.up ? text("{node} is up: crash it first.", { node: id }) : null),
    commands: (id) => [{ type: "restart", node: id, disk: "lost" }],
  },
  {
    id: "pause_host",
    key: "z",
    label: () => text("Pause: timers stand still, messages wait"),
    applies: (id, scene) => host(scene, id)?.kind === "node" && !host(scene, id)?.paused,
    refusal: (id, scene) => (host(scene, id)?.up ? null : text("{node} is down.", { node: id })),
    commands: (id) => [{ type: "pause", node: id }],
  },
  {
    id: "resume_host",
    key: "z",
    tone: "good",
    label: () => text("Resume"),
    applies: (id, scene) => host(scene, id)?.kind === "node" && host(scene, id)?.paused === true,
    refusal: (id, scene) => (host(scene, id)?.up ? null : text("{node} is down.", { node: id })),
    commands: (id) => [{ type: "resume", node: id }],
  },
  {
    id: "cut_off",
    key: "x",
    tone: "bad",
    label: () => text("Cut off from all others"),
    refusal: (id, scene) => {
      const others = hostIds(scene.world).filter((other) => other !== id);
      if (!others.length) return text("There is nobody to cut {node} off from.", { node: id });
      const reached = others.some((other) => !parted(scene.world.groups, id, other));
      return reached ? null : text("{node} is cut off already.", { node: id });
    },
    commands: (id, scene) => [
      { type: "partition", groups: [[id], hostIds(scene.world).filter((other) => other !== id)] },
    ],
  },
  {
    id: "clock",
    form: "clock",
    label: () => text("Clock: rate and offset…"),
    applies: (id, scene) => host(scene, id)?.kind === "node",
    refusal: (id, scene) => (host(scene, id)?.up ? null : text("{node} is down.", { node: id })),
  },
  {
    id: "request",
    key: "q",
    form: "request",
    label: (id, scene) =>
      host(scene, id)?.kind === "client" ? text("Request from this client…") : text("Client request to this node…"),
    applies: (id, scene) => host(scene, id) !== undefined,
    refusal: (_id, scene) => noClient(scene),
  },
];

function noClient(scene: Scene): string | null {
  if (!scene.protocol.operations.length) return text("In this protocol clients ask for nothing.");
  const clients = Object.values(scene.world.hosts).some((each) => each.kind === "client");
  return clients ? null : text("This room has no client.");
}

/** Every timer of a host can be made to ring now, in any order. */
export function timerActs(scene: Scene, id: HostId): Act[] {
  const node = host(scene, id);
  if (node === undefined) return [];
  const names = Object.keys(node.timers).sort();
  const common = roomRefusal(scene) ?? ownRefusal(scene, "fire_timer") ?? (node.up ? null : text("{node} is down.", { node: id }));
  const paused = node.paused ? text("{node} is paused: its timers stand still.", { node: id }) : null;
  if (!names.length) {
    return [{ id: "fire_timer", label: text("Fire a timer now"), refusal: common ?? text("{node} has no timer set.", { node: id }) }];
  }
  return names.map((timer) => ({
    id: `fire_timer:${timer}`,
    label: text("Fire now: {timer}", { timer: timerLabel(scene.protocol, timer) }),
    refusal: common ?? paused,
    commands: [{ type: "fire_timer", node: id, timer }],
  }));
}

export function timerLabel(protocol: Protocol, timer: string): string {
  const spec = protocol.timers[timer];
  return spec ? text(spec.label) : timer;
}

/* ------------------------------------------------------------------ links: each row is for one direction */

const WAY_ROWS: Row<Way>[] = [
  {
    id: "cut",
    key: "x",
    tone: "bad",
    label: (way) => text("Cut {src} → {dst}", { ...way }),
    applies: (way, scene) => linkOf(scene, way).up,
    refusal: () => null,
    commands: (way) => [{ type: "set_link", ...way, up: false }],
  },
  {
    id: "mend",
    key: "x",
    tone: "good",
    label: (way) => text("Mend {src} → {dst}", { ...way }),
    applies: (way, scene) => !linkOf(scene, way).up,
    refusal: () => null,
    commands: (way) => [{ type: "set_link", ...way, up: true }],
  },
  {
    id: "hold",
    key: "h",
    label: (way) => text("Hold what is on {src} → {dst}", { ...way }),
    applies: (way, scene) => !linkOf(scene, way).held,
    refusal: (way, scene) => (linkOf(scene, way).up ? null : text("The link is cut.")),
    commands: (way) => [{ type: "hold_link", ...way }],
  },
  {
    id: "release",
    key: "h",
    tone: "good",
    label: (way) => text("Release what is on {src} → {dst}", { ...way }),
    applies: (way, scene) => linkOf(scene, way).held,
    refusal: () => null,
    commands: (way) => [{ type: "release_link", ...way }],
  },
  {
    id: "link",
    form: "link",
    label: (way) => text("Delay, loss, order of {src} → {dst}…", { ...way }),
    refusal: () => null,
  },
];

/* ------------------------------------------------------------------ messages */

const MESSAGE_ROWS: Row<number>[] = [
  {
    id: "drop",
    key: "d",
    tone: "bad",
    label: () => text("Drop"),
    refusal: (id, scene) => (flight(scene, id) ? null : landed(id)),
    commands: (id) => [{ type: "drop", message: id }],
  },
  {
    id: "duplicate",
    key: "u",
    label: () => text("Duplicate"),
    refusal: (id, scene) => (flight(scene, id) ? null : landed(id)),
    commands: (id) => [{ type: "duplicate", message: id }],
  },
  {
    id: "delay",
    key: "l",
    form: "delay",
    label: () => text("Delay…"),
    refusal: (id, scene) => {
      const message = flight(scene, id);
      if (!message) return landed(id);
      const waits = message.place >= 1000 || waitsAtHost(scene.world, message, scene.now ?? scene.world.time);
      return waits ? text("Message {message} has arrived and waits for {node}.", { message: id, node: message.dst }) : null;
    },
  },
  {
    id: "deliver_now",
    key: "n",
    tone: "good",
    label: () => text("Deliver now"),
    refusal: (id, scene) => {
      const message = flight(scene, id);
      if (!message) return landed(id);
      const target = host(scene, message.dst);
      return target?.paused ? text("{node} is paused: messages wait.", { node: message.dst }) : null;
    },
    commands: (id) => [{ type: "deliver_now", message: id }],
  },
];

/* ------------------------------------------------------------------ the whole cluster */

const CLUSTER_ROWS: Row<null>[] = [
  { id: "partition", key: "p", form: "partition", label: () => text("Partition…"), refusal: () => null },
  {
    id: "heal",
    key: "e",
    tone: "good",
    label: () => text("Heal"),
    refusal: (_none, scene) =>
      scene.world.groups === null && waysThat(scene, (link) => !link.up).length === 0
        ? text("No partition is in force and no link is cut.")
        : null,
    commands: () => [{ type: "heal" }],
  },
  {
    id: "release_all",
    tone: "good",
    label: () => text("Release all held links"),
    refusal: (_none, scene) => (waysThat(scene, (link) => link.held).length === 0 ? text("No link is held.") : null),
    commands: (_none, scene) => waysThat(scene, (link) => link.held).map((way) => ({ type: "release_link", ...way })),
  },
  { id: "request_any", key: "q", form: "request", label: () => text("Client request…"), refusal: (_none, scene) => noClient(scene) },
  { id: "dials", key: "i", form: "dials", label: () => text("Delay and loss of all links…"), refusal: () => null },
  { id: "rules", key: "o", form: "rules", label: () => text("Rules…"), refusal: () => null },
];

function waysThat(scene: Scene, wanted: (link: Link) => boolean): Way[] {
  return Object.entries(scene.world.links)
    .filter(([, link]) => wanted(link))
    .map(([id]) => wayOf(id));
}

export function wayOf(id: string): Way {
  const [src = "", dst = ""] = id.split(">");
  return { src, dst };
}

/* ------------------------------------------------------------------ reading the table */

function build<T>(rows: Row<T>[], target: T, scene: Scene): Act[] {
  const common = roomRefusal(scene);
  return rows
    .filter((row) => row.applies?.(target, scene) ?? true)
    .map((row) => ({
      id: row.id,
      label: row.label(target, scene),
      refusal: common ?? ownRefusal(scene, row.id) ?? row.refusal(target, scene),
      ...(row.key === undefined ? {} : { key: row.key }),
      ...(row.tone === undefined ? {} : { tone: row.tone }),
      ...(row.form === undefined ? {} : { form: row.form }),
      ...(row.commands === undefined ? {} : { commands: row.commands(target, scene) }),
    }));
}

export function hostActs(scene: Scene, id: HostId): Act[] {
  const acts = build(HOST_ROWS, id, scene);
  return [...acts.slice(0, -1), ...timerActs(scene, id), ...acts.slice(-1)];
}

export function wayActs(scene: Scene, way: Way): Act[] {
  return build(WAY_ROWS, way, scene);
}

/** The acts of one pair: each direction, then both at once (which are two commands). */
export function linkActs(scene: Scene, { src, dst }: Way): Act[] {
  const way = { src, dst }; // a selection carries more than that, and a command may not
  const back = { src: dst, dst: src };
  const there = wayActs(scene, way);
  const home = wayActs(scene, back).map(({ key: _key, ...act }) => ({ ...act, id: `${act.id}:back` }));
  return [...there, ...home, bothAct(scene, way, back)];
}

function bothAct(scene: Scene, way: Way, back: Way): Act {
  const anyUp = linkOf(scene, way).up || linkOf(scene, back).up;
  const names = { a: way.src, b: way.dst };
  const commands: Command[] = [way, back]
    .filter((each) => linkOf(scene, each).up === anyUp)
    .map((each) => ({ type: "set_link", ...each, up: !anyUp }));
  return {
    id: "both",
    key: "b",
    label: anyUp ? text("Cut both directions, {a} ↔ {b}", names) : text("Mend both directions, {a} ↔ {b}", names),
    refusal: roomRefusal(scene) ?? ownRefusal(scene, "both"),
    tone: anyUp ? "bad" : "good",
    commands,
  };
}

export function messageActs(scene: Scene, id: number): Act[] {
  return build(MESSAGE_ROWS, id, scene);
}

export function clusterActs(scene: Scene): Act[] {
  return build(CLUSTER_ROWS, null, scene);
}

export function clusterAct(scene: Scene, id: string): Act | undefined {
  return clusterActs(scene).find((act) => act.id === id);
}

/** The acts on what is selected, in the order in which the menu shows them. */
export function actsFor(scene: Scene, selection: Selection | null): Act[] {
  if (selection === null) return [];
  if (selection.kind === "host") return hostActs(scene, selection.host);
  if (selection.kind === "link") return linkActs(scene, selection);
  if (selection.kind === "message") return messageActs(scene, selection.id);
  return [];
}

/** The act that a key means now: on the selection first, else on the whole cluster. */
export function actOfKey(scene: Scene, selection: Selection | null, key: string): Act | undefined {
  const mine = actsFor(scene, selection).find((act) => act.key === key);
  return mine ?? clusterActs(scene).find((act) => act.key === key);
}

/* ------------------------------------------------------------------ commands that forms make */

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
