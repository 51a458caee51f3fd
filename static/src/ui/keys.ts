/**
 * The keyboard map. Shortcuts work wherever the focus is, except where a person writes; keys that a control needs for
 * itself (space on a button, arrows in a slider or a menu) stay with it.
 */
import { text } from "./text.ts";

export type KeyAct =
  | "toggle_play"
  | "next_event"
  | "previous_event"
  | "next_ten"
  | "previous_ten"
  | "live"
  | "slower"
  | "faster"
  | "until_leader"
  | "until_commit"
  | "until_violation"
  | "menu"
  | "escape"
  | "help"
  | "filter"
  | "copy"
  | "link"
  | "take"
  | "save"
  | "select_node";

export interface Binding {
  act: KeyAct;
  keys: string[];
  label: () => string;
}

export const BINDINGS: Binding[] = [
  { act: "toggle_play", keys: [" ", "k"], label: () => text("Play or pause") },
  { act: "next_event", keys: ["ArrowRight", "."], label: () => text("Next event") },
  { act: "previous_event", keys: ["ArrowLeft", ","], label: () => text("Previous event") },
  { act: "next_ten", keys: ["Shift+ArrowRight"], label: () => text("Ten events on") },
  { act: "previous_ten", keys: ["Shift+ArrowLeft"], label: () => text("Ten events back") },
  { act: "live", keys: ["End"], label: () => text("Go to the newest event (live)") },
  { act: "slower", keys: ["-"], label: () => text("Slower") },
  { act: "faster", keys: ["+", "="], label: () => text("Faster") },
  { act: "until_leader", keys: ["g"], label: () => text("Run until the next leader") },
  { act: "until_commit", keys: ["m"], label: () => text("Run until the next commit") },
  { act: "until_violation", keys: ["v"], label: () => text("Run until a property breaks") },
  { act: "filter", keys: ["f"], label: () => text("Focus, context or all events and messages") },
  { act: "select_node", keys: ["1…9"], label: () => text("Select node 1 to 9") },
  { act: "menu", keys: ["a"], label: () => text("Acts on what is selected") },
  { act: "copy", keys: ["y"], label: () => text("Open my own copy here") },
  { act: "link", keys: ["s"], label: () => text("Link to this moment") },
  { act: "take", keys: ["t"], label: () => text("Take away a picture, the events or a handout") },
  { act: "save", keys: ["w"], label: () => text("Save this room") },
  { act: "help", keys: ["?"], label: () => text("This list of keys") },
  { act: "escape", keys: ["Escape"], label: () => text("Close, or select nothing") },
];

/** What a key stroke is called in the table: `Shift+ArrowLeft`, `?`, `c`. */
export function stroke(event: { key: string; shiftKey: boolean }): string {
  const named = event.key.length > 1;
  if (named) return event.shiftKey ? `Shift+${event.key}` : event.key;
  return event.key.toLowerCase();
}

export interface Focused {
  tagName: string;
  type?: string;
  isContentEditable?: boolean;
  role?: string | null;
}

const WRITING = new Set(["text", "search", "number", "email", "url", "tel", "password", "date", "time", ""]);
const ARROW_ROLES = new Set(["menuitem", "menu", "tab", "slider", "radio", "option", "listbox", "menuitemradio", "application"]);

/** May a stroke be a shortcut while this element has the focus? */
export function free(name: string, focused: Focused | null): boolean {
  if (focused === null) return true;
  if (focused.isContentEditable) return false;
  const tag = focused.tagName.toUpperCase();
  if (tag === "TEXTAREA" || tag === "SELECT") return false;
  if (tag === "INPUT" && WRITING.has(focused.type ?? "")) return false;
  const ownsArrows = (tag === "INPUT" && (focused.type === "range" || focused.type === "radio")) || ARROW_ROLES.has(focused.role ?? "");
  // A slider has no use for space: it goes on playing and pausing.
  const slides = focused.type === "range" || focused.role === "slider";
  if (ownsArrows && (/Arrow|Home|End|Page/.test(name) || (name === " " && !slides))) return false;
  if (slides) return true;
  const ownsSpace = tag === "BUTTON" || tag === "SUMMARY" || tag === "A" || tag === "INPUT" || focused.role === "button";
  return !(ownsSpace && (name === " " || name === "Enter"));
}

/** The room's act of a stroke, or the digit of a node, or null. */
export function actOf(name: string): KeyAct | null {
  for (const binding of BINDINGS) if (binding.keys.includes(name)) return binding.act;
  return null;
}

/** How a key is printed for people. */
export function keyLabel(key: string): string {
  const names: Record<string, string> = { " ": text("Space"), ArrowRight: "→", ArrowLeft: "←", Escape: "Esc" };
  return key
    .split("+")
    .map((part) => (part === "" ? "+" : (names[part] ?? (part.length === 1 ? part.toUpperCase() : part))))
    .filter((part, index, all) => !(part === "+" && index > 0 && all[index - 1] === "+"))
    .join(" ");
}
