/**
 * What a link says beside the run: where its reader looks, and how an embedded room is shown. What comes from outside (an
 * address, the server, what the browser kept) is read field by field, and what does not fit is left out.
 */
import type { Offsets } from "./layout.ts";
import type { Selection } from "./types.ts";

export type Filter = "focus" | "context" | "all";

/** Where somebody looked when he made a link. */
export interface Look {
  select?: Selection;
  /** The panel whose tab is chosen. */
  panel?: string;
  /** Which of the boards beside the ring is chosen, where they have tabs; counted from 0. */
  board?: number;
  filter?: Filter;
  /** The time that the drawings over time show, where somebody has moved or zoomed it. */
  window?: TimeWindow;
  /** Hosts that were dragged: how far, in thousandths of the ring's width and height. */
  places?: Record<string, [number, number]>;
}

/** µs: so much time, from a moment on; without one, up to the present. */
export interface TimeWindow {
  span: number;
  from?: number;
}

const HOST = /^[a-z][a-z0-9]{0,7}$/;
const WORD = /^[A-Za-z_][A-Za-z0-9_-]{0,39}$/;
const FILTERS: readonly string[] = ["focus", "context", "all"];
const BOARDS_MAX = 16;
/** As the server takes them (`linkorders.py`). */
const SPAN_MAX = 24 * 3_600_000_000;
const HOSTS_MAX = 64;
const PER_MILLE = 1_000;

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isHost = (value: unknown): value is string => typeof value === "string" && HOST.test(value);
const isWord = (value: unknown): value is string => typeof value === "string" && WORD.test(value);

const isShare = (value: unknown): value is number => Number.isSafeInteger(value) && Math.abs(value as number) <= PER_MILLE;

function readWindow(value: unknown): TimeWindow | null {
  if (!isRecord(value)) return null;
  const { span, from } = value;
  if (!isCount(span) || span < 1 || span > SPAN_MAX) return null;
  return Number.isSafeInteger(from) && (from as number) >= -SPAN_MAX ? { span, from: from as number } : { span };
}

function readPlaces(value: unknown): Look["places"] | null {
  if (!isRecord(value)) return null;
  const fitting = Object.entries(value).filter((each): each is [string, [number, number]] => isHost(each[0]) && Array.isArray(each[1]) && each[1].length === 2 && each[1].every(isShare));
  return fitting.length ? Object.fromEntries(fitting.slice(0, HOSTS_MAX)) : null;
}

/** Where hosts were dragged to as a link says it, and back. */
export function placesOf(offsets: Offsets): Look["places"] | null {
  const share = (part: number): number => Math.max(-PER_MILLE, Math.min(PER_MILLE, Math.round(part * PER_MILLE)));
  return readPlaces(Object.fromEntries(Object.entries(offsets).map(([host, { x, y }]) => [host, [share(x), share(y)]])));
}

export function offsetsOf(places: NonNullable<Look["places"]>): Offsets {
  return Object.fromEntries(Object.entries(places).map(([host, [x, y]]) => [host, { x: x / PER_MILLE, y: y / PER_MILLE }]));
}

function readSelection(value: unknown): Selection | null {
  if (!isRecord(value)) return null;
  const { kind, host, src, dst, id, seq, field, position } = value;
  if (kind === "host" && isHost(host)) return { kind, host };
  if (kind === "link" && isHost(src) && isHost(dst)) return { kind, src, dst };
  if (kind === "message" && isCount(id)) return isCount(seq) ? { kind, id, seq } : { kind, id };
  if (kind === "event" && isCount(seq)) return { kind, seq };
  if (kind === "entry" && isHost(host) && isWord(field) && isCount(position)) return { kind, host, field, position };
  return null;
}

export function readLook(value: unknown): Look {
  if (!isRecord(value)) return {};
  const select = readSelection(value.select);
  const window = readWindow(value.window);
  const places = readPlaces(value.places);
  return {
    ...(select ? { select } : {}),
    ...(isWord(value.panel) ? { panel: value.panel } : {}),
    ...(isCount(value.board) && value.board < BOARDS_MAX ? { board: value.board } : {}),
    ...(FILTERS.includes(String(value.filter)) ? { filter: value.filter as Filter } : {}),
    ...(window ? { window } : {}),
    ...(places ? { places } : {}),
  };
}

/* ------------------------------------------------------------------ embedding */

/** What an embedded room can show, in the order in which it stands there. */
export const EMBED_PANELS = ["ring", "story", "log", "spacetime", "feed", "properties", "clients"] as const;
export type EmbedPanel = (typeof EMBED_PANELS)[number];

export interface EmbedOptions {
  panels: EmbedPanel[];
  /** "": the reader's own. */
  lang: "" | "en" | "zh";
  theme: "" | "light" | "dark";
  /** The event that is shown at first; null: the one of the link. */
  from: number | null;
  autoplay: boolean;
  /** Whether readers may act on their copy, or only look. */
  acts: boolean;
}

export const FIRST_OPTIONS: EmbedOptions = { panels: ["ring", "log"], lang: "", theme: "", from: null, autoplay: false, acts: false };

/** As the part of an address after the question mark; what is as usual is left out. */
export function embedQuery(options: EmbedOptions): string {
  const { panels, lang, theme, from, autoplay, acts } = options;
  const parts: string[] = [];
  if (panels.join() !== FIRST_OPTIONS.panels.join()) parts.push(`panels=${panels.join(",")}`);
  if (lang) parts.push(`lang=${lang}`);
  if (theme) parts.push(`theme=${theme}`);
  if (from !== null) parts.push(`from=${from}`);
  if (autoplay) parts.push("autoplay=1");
  if (acts) parts.push("acts=1");
  return parts.length ? `?${parts.join("&")}` : "";
}

/** `asked` is what stands after the question mark, by name. */
export function readEmbedQuery(asked: { get(name: string): string | null }): EmbedOptions {
  const named = (asked.get("panels") ?? "").split(",");
  const panels = EMBED_PANELS.filter((panel) => named.includes(panel));
  const lang = asked.get("lang") ?? "";
  const theme = asked.get("theme") ?? "";
  const from = asked.get("from") ?? "";
  return {
    panels: panels.length ? panels : [...FIRST_OPTIONS.panels],
    lang: lang === "en" || lang === "zh" ? lang : "",
    theme: theme === "light" || theme === "dark" ? theme : "",
    from: /^\d{1,9}$/.test(from) ? Number(from) : null,
    autoplay: asked.get("autoplay") === "1",
    acts: asked.get("acts") === "1",
  };
}

/** The address of the embedded room for the path of a link: "/l#1abc" or "/l/Ab3dEf9h". */
export function embedAddress(origin: string, path: string, options: EmbedOptions): string {
  const [stored, carried] = path.split("#");
  const place = stored!.replace(/^\/l(?=\/|$)/, "/embed");
  return `${origin}${place}${embedQuery(options)}${carried === undefined ? "" : `#${carried}`}`;
}

const ESCAPED: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escaped = (words: string): string => words.replace(/[&<>"]/g, (sign) => ESCAPED[sign]!);

/** The line to paste into a page. Without `sandbox`, and with the origin of its own: the room needs its socket. */
export function iframeLine(address: string, title: string, size: { width: number; height: number }): string {
  return `<iframe src="${escaped(address)}" title="${escaped(title)}" width="${size.width}" height="${size.height}" loading="lazy" style="border:0;max-width:100%" allow="fullscreen"></iframe>`;
}

/** Whether a host's name means the machine itself (RFC 6761 §6.3, RFC 1122 §3.2.1.3, RFC 4291 §2.5.3), as `location.hostname` writes it. */
export function isLoopback(host: string): boolean {
  return /^(?:(?:.+\.)?localhost\.?|127(?:\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);
}
