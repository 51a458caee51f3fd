/** Which panels stand beside the ring, and what they are called. Apart from the panels, which are drawn later. */

import type { BoardPanel, Protocol } from "../model/types.ts";
import type { Text } from "./hooks.ts";

/** What stands beside the ring, in the order in which the protocol names it. */
export function boardsOf(protocol: Protocol): BoardPanel[] {
  return protocol.view.panels.filter((panel): panel is BoardPanel => panel.kind !== "fields");
}

export function boardTitle(protocol: Protocol, panel: BoardPanel, text: Text): string {
  if (panel.title) return text(panel.title);
  return panel.kind === "strip" ? text("Logs") : text(protocol.fields[panel.field]?.label ?? panel.field);
}

/** The whole of them: by the first one, which is the one that is seen first. Null: the protocol shows nothing there. */
export function boardsTitle(protocol: Protocol, text: Text): string | null {
  const [first] = boardsOf(protocol);
  return first ? boardTitle(protocol, first, text) : null;
}
