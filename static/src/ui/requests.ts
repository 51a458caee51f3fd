/** A client's request, from what is typed and chosen in its form; the kinds of arguments are all it knows. Pure. */
import type { ArgumentSpec, OperationSpec } from "../model/forms.ts";
import { roleOf } from "../model/channels.ts";
import type { ClientOperation, HostId, Protocol, World } from "../model/types.ts";
import { operation, show, typed } from "./format.ts";
import { said, text } from "./text.ts";

/** What stands in the fields of a request at first. */
const ASKED: Record<string, string> = { key: "x", value: "1", expect: "1" };

/** How an argument is asked for; one that the protocol does not tell of by its name as a word: `no_voters` is "No voters". */
export function argumentOf(arg: string, { arguments: known }: Protocol): ArgumentSpec {
  const spec = known?.[arg];
  if (spec) return { ...spec, label: said(spec.label) };
  const words = arg.replaceAll("_", " ");
  const labels: Record<string, string> = { key: text("Key"), value: text("Value"), expect: text("Only if it is now") };
  return { label: labels[arg] ?? said(words.charAt(0).toUpperCase() + words.slice(1)), kind: "text" };
}

/** What each argument is at first: nodes are first those that are up and don't lead, each another one; of many, all who take part. */
export function firstFields({ protocol, world }: { protocol: Protocol; world: World }, nodes: readonly HostId[]): Record<string, string> {
  const fields: Record<string, string> = { ...ASKED };
  const offered = [...nodes].sort((a, b) => reluctance(protocol, world, a) - reluctance(protocol, world, b));
  for (const { args } of protocol.operations) {
    let count = 0;
    for (const arg of args) {
      const { kind } = argumentOf(arg, protocol);
      if (kind === "node") fields[arg] ??= offered[count++ % offered.length] ?? "";
      else if (kind === "nodes") fields[arg] ??= nodes.filter((id) => !standsApart(protocol, world, id)).join(" ");
      else if (kind === "number") fields[arg] ??= "1";
    }
  }
  return fields;
}

/** How far behind the others a node is offered: who leads has already what is mostly asked for, and who is down can take nothing. */
function reluctance(protocol: Protocol, world: World, id: HostId): number {
  const host = world.hosts[id];
  if (!host?.up) return 2;
  return roleOf(protocol.view.node, host)?.edge === "double" ? 1 : 0;
}

/** Whether a node is something else in the cluster than those who make it up. */
function standsApart({ view: { node: view } }: Protocol, world: World, id: HostId): boolean {
  return view.standing != null && String(world.hosts[id]?.state[view.standing]) in (view.standings ?? {});
}

/** The request as the server takes it. */
export function operationOf(spec: OperationSpec, protocol: Protocol, fields: Record<string, string>): ClientOperation {
  const asked: ClientOperation = { name: spec.name };
  for (const arg of spec.args) {
    const typedIn = fields[arg] ?? "";
    const { kind } = argumentOf(arg, protocol);
    // What was typed: a whole number as one, and nothing as nothing. A name stays one, also where it looks like a number.
    asked[arg] = arg === "key" || kind === "node" || kind === "nodes" ? typedIn : typedIn.trim() === "" ? null : typed(typedIn);
  }
  return asked;
}

/** A request in one short line: operations on a key as a log writes them, others by their names for people. */
export function requestText(asked: Record<string, unknown>, protocol: Protocol): string {
  const spec = protocol.operations.find(({ name }) => name === asked.name);
  if (!spec || spec.args.includes("key")) return operation(asked);
  const told = spec.args.filter((arg) => asked[arg] !== null && asked[arg] !== undefined && asked[arg] !== "");
  // One argument says by itself what it is.
  const words = told.map((arg) => (spec.args.length > 1 ? `${argumentOf(arg, protocol).label} ${show(asked[arg])}` : show(asked[arg]))).join(", ");
  return words ? text("{title}: {value}", { title: said(spec.title), value: words }) : said(spec.title);
}

/** What is to be known of a node where one is chosen: a role other than the plain one, what it is in the cluster, that it is down. */
export function marksOf({ protocol, world }: { protocol: Protocol; world: World }, id: HostId): { letter: string; words: string } | null {
  const host = world.hosts[id];
  if (!host || host.kind !== "node") return null;
  if (!host.up) return { letter: "✕", words: text("down") };
  const role = roleOf(protocol.view.node, host);
  return role && role.edge !== "plain" ? { letter: role.letter, words: said(role.label) } : null;
}

/** A node in a list to choose from: "n4 · leader". */
export function nodeChoice(place: { protocol: Protocol; world: World }, id: HostId): string {
  const marks = marksOf(place, id);
  return marks ? `${id} · ${marks.words}` : id;
}
