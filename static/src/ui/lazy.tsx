/**
 * What the first picture can do without comes in two more files: `soon.ts` as soon as the ring is on the screen, `later.ts`
 * in a quiet moment or when somebody looks there. Components of both are named here and drawn once their file has come.
 */
import { signal, type Signal } from "@preact/signals";
import type { ComponentChild, ComponentType } from "preact";

export interface File<T> {
  /** What the file exports, once it is here. */
  readonly here: Signal<T | null>;
  /** Asks for the file; once, and again only after that failed. */
  fetch(): Promise<T>;
}

function file<T>(load: () => Promise<T>): File<T> {
  const here = signal<T | null>(null);
  let under: Promise<T> | null = null;
  const fetch = (): Promise<T> => {
    under ??= load().then(
      (exports) => (here.value = exports),
      (error: unknown) => {
        under = null;
        throw error;
      },
    );
    return under;
  };
  return { here, fetch };
}

/** The style sheet of both files; its address is in the page. Without it the words are still there. */
function styles(): Promise<void> {
  const address = document.getElementById("room")?.dataset.styles;
  if (!address) return Promise.resolve();
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = address;
  document.head.append(link);
  return new Promise((done) => {
    link.onload = link.onerror = () => done();
  });
}

let styled: Promise<void> | null = null;

/** Settled when the ring has been seen: until then nothing competes with it for the line. */
export let pictureSeen = (): void => {};
const picture = new Promise<void>((seen) => {
  pictureSeen = seen;
});

export const soon = file(async () => {
  await picture;
  const [exports] = await Promise.all([import("./soon.ts"), (styled ??= styles())]);
  return exports;
});

export const later = file(async () => {
  await soon.fetch();
  return import("./later.ts");
});

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
