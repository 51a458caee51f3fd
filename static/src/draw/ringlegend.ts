/** What the shapes on the ring mean, from the protocol's own description. */

import type { Link, Protocol } from "../model/types.ts";
import type { Text } from "./hooks.ts";
import { span } from "./ringlinks.ts";
import { html, svg } from "./theme.ts";

const SHAPES: Record<string, string> = {
  circle: "M1.500 9a7.500 7.500 0 1 0 15 0a7.500 7.500 0 1 0 -15 0z",
  square: "M2.500 2.500h13v13h-13z",
  diamond: "M9 0.500L17.500 9L9 17.500L0.500 9z",
  triangle: "M9 1L17 16H1z",
};

export function legendOf(protocol: Protocol, text: Text): HTMLElement {
  const list = html("ul", "ring-legend", { "aria-label": text("Messages") });
  const seen = new Set<string>();
  let replies = false;
  let hollow = false;
  // Requests and their replies share a sign; it bears the request's name.
  const specs = Object.values(protocol.messages).sort((a, b) => Number(a.reply !== null) - Number(b.reply !== null));
  for (const spec of specs) {
    const kind = `${spec.tone} ${spec.shape}`;
    replies ||= spec.reply !== null;
    hollow ||= spec.beads !== null;
    if (seen.has(kind)) continue;
    seen.add(kind);
    list.append(item(SHAPES[spec.shape]!, `tone ${spec.tone}`, text(spec.label)));
  }
  if (hollow) list.append(item(SHAPES.circle!, "faint", text("heartbeat")));
  if (replies) list.append(item("M1 9h7M4.500 5.500v7M10.500 9h7", "sign", text("yes / no")));
  return list;
}

/** What the links have in common, in one line; empty where that is the set-up's. */
export function commonText(common: Link, usual: Link, all: boolean, text: Text): string {
  const facts = [];
  if (common.low !== usual.low || common.high !== usual.high) facts.push(text("{delay} ms", { delay: span(common) }));
  if (common.loss_percent !== usual.loss_percent) facts.push(text("loss {percent} %", { percent: common.loss_percent }));
  if (common.duplicate_percent !== usual.duplicate_percent) facts.push(text("duplicates {percent} %", { percent: common.duplicate_percent }));
  if (!facts.length) return "";
  const list = facts.join(", ");
  return all ? text("all links: {list}", { list }) : text("most links: {list}", { list });
}

function item(path: string, kind: string, label: string): HTMLElement {
  const row = html("li");
  const picture = svg("svg", { class: kind, width: 18, height: 18, viewBox: "0 0 18 18", "aria-hidden": "true" }, [svg("path", { d: path })]);
  row.append(picture, label);
  return row;
}
