/** Components that come in a second file (`later.ts`), so that the first picture does not wait for them. */
import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { text } from "./text.ts";

type Later = typeof import("./later.ts");

const loaded = signal<Later | null>(null);
let under: Promise<Later> | null = null;

/** The second file; fetched once, and again only if that failed. */
export function fetchLater(): Promise<Later> {
  under ??= import("./later.ts").then(
    (later) => (loaded.value = later),
    (error: unknown) => {
      under = null;
      throw error;
    },
  );
  return under;
}

/** A component of the second file. */
export function lazy<P extends object>(pick: (later: Later) => ComponentType<P>): ComponentType<P> {
  return (props: P) => {
    const later = loaded.value;
    if (!later) {
      void fetchLater().catch(() => undefined);
      return <p class="empty">{text("Loading …")}</p>;
    }
    const Body = pick(later);
    return <Body {...props} />;
  };
}
