/**
 * What a person can do to a run, as one table (`actrows.ts`). Menus, keys, lists and dialogs all read it, so that an act has
 * one name, one key, one reason for being impossible and one command, wherever it is found.
 *
 * Pure: a scene and a target in; a label, a reason or commands out. The server refuses the same things again.
 */
import type { Command, HostId, Selection } from "../model/types.ts";
import { CLUSTER_ROWS, HOST_ROWS, MESSAGE_ROWS, WAY_ROWS } from "./actrows.ts";
import { host, linkOf, ownRefusal, roomRefusal, timerLabel, type Act, type Row, type Scene, type Way } from "./scene.ts";
import { text } from "./text.ts";

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
