/** How a room is set up, in words: what differs from how the protocol comes, and all of it. Pure. */
import { commonLink } from "../model/channels.ts";
import { grouped } from "../model/forms.ts";
import type { Part } from "../model/roster.ts";
import type { Link, Protocol, Setup, World } from "../model/types.ts";
import { linkSettings } from "./sentences.ts";
import { settingLabel } from "./settings.ts";
import { said, text } from "./text.ts";

export interface Tuned {
  name: string;
  title: string;
  value: string;
  /** The value says by itself what is meant. */
  alone: boolean;
  /** What it is set to where nobody tunes; null: it is so here. */
  usual: string | null;
  text: string;
}

/** All that a set-up in words may depend on. */
export interface Place {
  protocol: Protocol;
  setup: Setup;
  world: World;
}

/** All tunables in their groups, with what they are set to. */
export function tunedGroups({ protocol, setup }: Pick<Place, "protocol" | "setup">): { title: string; list: Tuned[] }[] {
  return grouped(protocol).map(({ title, params }) => ({
    title: title && said(title),
    list: params.map(([name, spec]) => {
      const value = setup.params[name] ?? spec.default;
      return {
        name,
        title: said(spec.title),
        value: settingLabel(spec, value),
        alone: spec.words?.[String(value)] !== undefined,
        usual: value === spec.default ? null : settingLabel(spec, spec.default),
        text: said(spec.text),
      };
    }),
  }));
}

/** The tunables that differ from how they come, each in few words: a switch that is on by its name alone, a number by what it means. */
export function tunedLabels(place: Pick<Place, "protocol" | "setup">, leftOut: readonly string[] = []): string[] {
  return tunedGroups(place).flatMap(({ list }) =>
    list
      .filter(({ name, usual }) => usual !== null && !leftOut.includes(name))
      .map(({ name, title, value, alone }) => (place.setup.params[name] === true ? title : alone ? value : text("{title}: {value}", { title, value }))),
  );
}

/** What most links between nodes have now that a link as it comes does not; empty: nothing. */
export function linkLabel({ setup, world }: Pick<Place, "setup" | "world">): string {
  const usual = setup.usual_link;
  if (!usual) return "";
  const now = commonLink(linksBetweenNodes(world, setup), setup.link);
  const differing: Partial<Link> = {};
  if (now.low !== usual.low || now.high !== usual.high) Object.assign(differing, { low: now.low, high: now.high });
  if (now.loss_percent !== usual.loss_percent) differing.loss_percent = now.loss_percent;
  if (now.duplicate_percent !== usual.duplicate_percent) differing.duplicate_percent = now.duplicate_percent;
  if (now.fifo !== usual.fifo) differing.fifo = now.fifo;
  return linkSettings(differing, true);
}

function linksBetweenNodes(world: World, setup: Setup): Link[] {
  const nodes = Object.keys(world.hosts).filter((id) => world.hosts[id]!.kind === "node");
  return nodes.flatMap((src) => nodes.filter((dst) => dst !== src).map((dst) => world.links[`${src}>${dst}`] ?? setup.link));
}

export interface Chip {
  label: string;
  tone: "tuned" | "bad" | "link";
}

/** What differs from how the protocol comes, at a glance: rules that are off, tunables, links. */
export function chipsOf(place: Place): Chip[] {
  const off = Object.keys(place.protocol.rules).filter((rule) => place.world.rules[rule] === false);
  const links = linkLabel(place);
  return [
    ...off.map((rule): Chip => ({ label: text("without: {rule}", { rule: said(place.protocol.rules[rule]!.title) }), tone: "bad" })),
    ...tunedLabels(place).map((label): Chip => ({ label, tone: "tuned" })),
    ...(links ? [{ label: links, tone: "link" } as Chip] : []),
  ];
}

/** Parts of a configuration as words: "voters n1 n2 n3 · learners n4". */
export function rosterText(parts: readonly Part[]): string {
  return parts.map(({ label, nodes }) => `${said(label)} ${nodes.join(" ")}`).join(" · ") || "∅";
}
