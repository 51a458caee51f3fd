/** The table of acts: for each its name, its key, why it can't be done, and what it does. */
import { waitsAtHost } from "../model/channels.ts";
import { parted, type HostId } from "../model/types.ts";
import { flight, host, hostIds, linkOf, noClient, waysThat, type Row, type Way } from "./scene.ts";
import { text } from "./text.ts";

const landed = (id: number): string => text("Message {id} is no longer in flight.", { id });

/* ------------------------------------------------------------------ hosts */

export const HOST_ROWS: Row<HostId>[] = [
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

/* ------------------------------------------------------------------ links: each row is for one direction */

export const WAY_ROWS: Row<Way>[] = [
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

export const MESSAGE_ROWS: Row<number>[] = [
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

export const CLUSTER_ROWS: Row<null>[] = [
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
