/** Where something stands in the picture of the cluster. */
import type { OpenMenu } from "./app.ts";

/** The node or client as it is drawn; null: it is no host, or it is not in sight. Of several rings, that in which somebody is. */
export function hostOnRing(target: OpenMenu["target"], opener: Element | null): Element | null {
  if (target.kind !== "host") return null;
  const near = opener?.closest(".ring-slot") ?? document;
  return near.querySelector(`${near === document ? ".ring-slot " : ""}.host[data-host="${CSS.escape(target.host)}"]`);
}
