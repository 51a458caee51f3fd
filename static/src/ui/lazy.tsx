/**
 * What the first picture can do without comes in two more files: `soon.ts` as soon as the ring is on the screen, `later.ts`
 * in a quiet moment or when somebody looks there. Components of both are named here and drawn once their file has come.
 */
import { signal, type Signal } from "@preact/signals";
import type { ComponentChild, ComponentType } from "preact";
import { bring } from "./bringing.ts";

export interface File<T> {
  /** What the file exports, once it is here. */
  readonly here: Signal<T | null>;
  /** Asks for the file, once; a bad line is tried again until it comes. */
  fetch(): Promise<T>;
}

/** A file could not be had although its parts were brought, or is not there any more: only loading the page anew helps. */
export const stuck = signal(false);

/** It waits for `first`. `name` is the one under which the page names the addresses of the file's parts ("soon": `data-soon`). */
function file<T>(name: string, load: () => Promise<T>, first: () => Promise<unknown>): File<T> {
  const here = signal<T | null>(null);
  let under: Promise<T> | null = null;
  const whole = async (): Promise<T> => {
    await first();
    await Promise.all(addresses(name).map((address) => bring(address)));
    return (here.value = await load());
  };
  const fetch = (): Promise<T> => {
    under ??= whole().catch((error: unknown) => {
      stuck.value = true;
      throw error;
    });
    return under;
  };
  return { here, fetch };
}

/** They are in the page. */
function addresses(name: string): string[] {
  return document.getElementById("room")?.dataset[name]?.split(" ").filter(Boolean) ?? [];
}

/** Milliseconds that words wait for their looks, once these were brought. */
const STYLED_MS_MAX = 3_000;

/** The style sheet of both files. Without it the words are still there. */
async function styles(): Promise<void> {
  const [address] = addresses("styles");
  if (!address) return;
  await bring(address);
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = address;
  document.head.append(link);
  await new Promise<void>((done) => {
    link.onload = link.onerror = () => done();
    setTimeout(done, STYLED_MS_MAX);
  });
}

/** Settled when the ring has been seen: until then nothing competes with it for the line. */
export let pictureSeen = (): void => {};
const picture = new Promise<void>((seen) => {
  pictureSeen = seen;
});

export const soon = file("soon", async () => {
  const [exports] = await Promise.all([import("./soon.ts"), styles()]);
  return exports;
}, () => picture);

export const later = file("later", () => import("./later.ts"), () => soon.fetch());

/** A component of one of these files. Until it is here, `meanwhile` keeps its place. */
export function lazy<T, P extends object>(from: File<T>, pick: (exports: T) => ComponentType<P>, meanwhile: () => ComponentChild = () => null): ComponentType<P> {
  return (props: P) => {
    const exports = from.here.value;
    if (!exports) {
      void from.fetch().catch(() => undefined);
      return <>{meanwhile()}</>;
    }
    const Body = pick(exports);
    return <Body {...props} />;
  };
}
