/** What the shapes on the ring mean, from the protocol's own description. */

import type { MessageSpec, Protocol } from "../model/types.ts";
import type { Text } from "./hooks.ts";
import { html, svg } from "./theme.ts";

export const SHAPES: Record<string, string> = {
  circle: "M1.500 9a7.500 7.500 0 1 0 15 0a7.500 7.500 0 1 0 -15 0z",
  square: "M2.500 2.500h13v13h-13z",
  diamond: "M9 0.500L17.500 9L9 17.500L0.500 9z",
  triangle: "M9 1L17 16H1z",
};

/** The kinds of messages that can fly here: a legend keeps silent about the others. */
export function kindsOf(protocol: Protocol, absent: readonly string[]): [string, MessageSpec][] {
  return Object.entries(protocol.messages).filter(([name]) => !absent.includes(name));
}

export function legendOf(protocol: Protocol, absent: readonly string[], text: Text): HTMLElement {
  const list = html("ul", "ring-legend", { "aria-label": text("Messages") });
  const seen = new Set<string>();
  const hollow = new Map<string, [string, string]>();
  let replies = false;
  // Requests and their replies share a sign; it bears the request's name.
  const specs = kindsOf(protocol, absent).map(([, spec]) => spec).sort((a, b) => Number(a.reply !== null) - Number(b.reply !== null));
  for (const spec of specs) {
    const kind = `${spec.tone} ${spec.shape}`;
    replies ||= spec.reply !== null;
    if (spec.hollow) hollow.set(spec.hollow, [spec.shape, spec.tone]);
    if (seen.has(kind)) continue;
    seen.add(kind);
    list.append(item(SHAPES[spec.shape]!, `tone ${spec.tone}`, text(spec.label)));
  }
  // All drawn alike, as without a view: one name would be a lie about the others.
  if (seen.size === 1 && specs.length > 2) list.replaceChildren();
  for (const [label, [shape, tone]] of hollow) list.append(item(SHAPES[shape]!, `faint ${tone}`, text(label)));
  if (replies) list.append(item("M1 9h7M4.500 5.500v7M10.500 9h7", "sign", text("yes / no")));
  return list;
}

function item(path: string, kind: string, label: string): HTMLElement {
  const row = html("li");
  const picture = svg("svg", { class: kind, width: 18, height: 18, viewBox: "0 0 18 18", "aria-hidden": "true" }, [svg("path", { d: path })]);
  row.append(picture, label);
  return row;
}
