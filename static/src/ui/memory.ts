/** What this browser remembers between visits: the reader's own choices, never anything of a room's run. */
import { readLook, type Look } from "../model/links.ts";

const KEY = "quorumscope";

export interface Remembered {
  name: string;
  filter: "focus" | "context" | "all";
  panel: string;
  side: string;
  listOpen: string[];
  /** The challenges that were solved here. */
  solved: string[];
  /** Those that were shown, told, or done with their rule off. */
  seen: string[];
}

const DEFAULTS: Remembered = { name: "", filter: "context", panel: "feed", side: "spacetime", listOpen: [], solved: [], seen: [] };

export function recall(): Remembered {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return { ...DEFAULTS, ...(typeof stored === "object" && stored !== null ? (stored as Partial<Remembered>) : {}) };
  } catch {
    return { ...DEFAULTS }; // no storage, or foreign content in it
  }
}

export function remember(part: Partial<Remembered>): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...recall(), ...part }));
  } catch {
    // A private window: the choice lasts for this visit.
  }
}

/** From the page of a link to the room that it opened, in the same tab. */
const LOOK_KEY = "quorumscope.look.";

export function keepLook(room: string, look: Look): void {
  try {
    sessionStorage.setItem(LOOK_KEY + room, JSON.stringify(look));
  } catch {
    // No storage: the room is the same, and its reader looks where he likes.
  }
}

/** Once: who comes back later looks where he left off. */
export function takeLook(room: string): Look {
  try {
    const kept = sessionStorage.getItem(LOOK_KEY + room);
    sessionStorage.removeItem(LOOK_KEY + room);
    return readLook(JSON.parse(kept ?? "null"));
  } catch {
    return {};
  }
}

export type Theme = "light" | "dark";

/** The theme is a cookie, so that the server writes it into the page and nothing flashes. */
export function setTheme(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
  document.cookie = `theme=${theme}; Path=/; Max-Age=31536000; SameSite=Lax`;
}

export function currentTheme(): Theme {
  const set = document.documentElement.dataset.theme;
  if (set === "light" || set === "dark") return set;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}
