/** The way from a rule's switch to the search that tells what the rule is for. */
import type { RoomModel } from "../model/room.ts";
import { text } from "./text.ts";

/** In a tab of its own: this room stays as it is. */
export function WhatFor({ model, rule, title }: { model: RoomModel; rule: string; title: string }) {
  const order = { protocol: model.protocol.name, without: [rule], nodes: model.nodes.length, begin: true };
  const asked = text("What was this rule for?");
  return (
    <a class="button small" href={`/explore#${encodeURIComponent(JSON.stringify(order))}`} target="_blank" rel="noopener" aria-label={`${asked} ${title}`} title={text("A search begins in a new tab: what breaks without it?")}>
      {asked}
    </a>
  );
}
