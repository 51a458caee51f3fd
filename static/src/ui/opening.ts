/** Following a link, and what a link is that was made. */
import { readLook, type Look } from "../model/links.ts";
import type { LayoutName } from "../model/types.ts";
import { call, Refusal } from "./job.ts";
import { said, type Args } from "./text.ts";

/** A link as the server made it. */
export interface Made {
  /** "/l#1abc…" or "/l/Ab3dEf9h". */
  path: string;
  /** It is kept on the server. */
  kept: boolean;
  /** Days for which it is kept after it was followed last. */
  days: number;
  seq: number;
  branch: string;
  commands: number;
  branches: number;
  /** Whether other sites may show an embedded room of this server. */
  framed: boolean;
}

/** What is followed: the text in the address, or the name under which it is kept. */
export type Source = { link: string } | { name: string };

export interface Order {
  /** Leave out what is not known here. */
  anyway?: boolean;
  embed?: { from: number | null; autoplay: boolean; acts: boolean };
}

export interface Opened {
  room: string;
  address: string;
  look: Look;
}

/** What is known of a link before its room is there. */
export interface About {
  /** A message id. */
  title: string;
  nodes: number;
  clients: number;
  seed: number;
  commands: number;
  events: number;
  layout: LayoutName;
}

/** How many of a link's events have been played again; `waiting`: others are before it. */
export interface Way {
  of: number;
  done: number;
  waiting: boolean;
}

const ASK_EVERY_MS = 400;
const TICKET_BYTES = 12;

/** Something in a link that this server does not know, and what it could read all the same. */
export class Partly extends Refusal {
  readonly parts: string[];
  /** What it is about (msgid), and the figures of its set-up. */
  readonly title: string;
  readonly nodes: number;
  readonly seed: number;
  readonly commands: number;

  constructor({ message, told }: Refusal) {
    super(message, told);
    const known = told.known as Record<string, unknown>;
    this.parts = (told.parts as { text: string; args: Args }[]).map(({ text, args }) => said(text, args));
    this.title = said(String(known.title));
    this.nodes = Number(known.nodes);
    this.seed = Number(known.seed);
    this.commands = Number(known.commands);
  }
}

/** What a link brings back; null where that can't be said: opening it says why. */
export async function about(source: Source): Promise<About | null> {
  return (await call("POST", "/api/links/about", { ...source }).catch(() => null)) as About | null;
}

/**
 * Opens a room for a link; `heed` is told how far that is, as long as it lasts. Throws `Partly` where it may be opened without
 * something, another `Refusal` where not.
 */
export async function follow(source: Source, order: Order = {}, heed: (way: Way) => void = () => {}): Promise<Opened> {
  const ticket = [...crypto.getRandomValues(new Uint8Array(TICKET_BYTES))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const asking = setInterval(() => {
    call("GET", `/api/links/open/${ticket}`).then((way) => heed(way as unknown as Way), () => undefined); // it may be there by now
  }, ASK_EVERY_MS);
  try {
    const told = await call("POST", "/api/links/open", { ...source, ...order, ticket });
    return { room: String(told.room), address: String(told.address), look: readLook(told.look) };
  } catch (error) {
    throw error instanceof Refusal && Array.isArray(error.told.parts) ? new Partly(error) : error;
  } finally {
    clearInterval(asking);
  }
}

/** What an address says is to be followed: its own text after the #, or what the server put into the page. */
export function sourceOf(name: string | null): Source {
  return name ? { name } : { link: location.hash.slice(1) };
}
