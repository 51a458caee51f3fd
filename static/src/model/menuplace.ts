/** Where a menu opens: beside what it is about, and inside the window. Pure; all in pixels of the window. */

export interface Rect {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export interface Size {
  width: number;
  height: number;
}

export interface MenuPlace {
  left: number;
  top: number;
  /** It is no higher than this; what is left of it is scrolled to. */
  height: number;
}

/** Around the menu, to the window and to what it is about. */
const GAP = 8;
/** A menu that is scrolled shows at least two acts and its title. */
const HEIGHT_MIN = 120;

/**
 * `at` is where somebody pressed or where the button stands. `about` is what the menu must not cover: then it stands to the right
 * of it, else to the left, below or above; where no side has room for all of it, above or below with what there is.
 */
export function menuPlace(menu: Size, at: { x: number; y: number }, about: Rect | null, window: Size): MenuPlace {
  const height = Math.min(menu.height, window.height - 2 * GAP);
  const inside = (left: number, top: number): MenuPlace => ({
    left: Math.max(GAP, Math.min(left, window.width - menu.width - GAP)),
    top: Math.max(GAP, Math.min(top, window.height - height - GAP)),
    height,
  });
  const wanted = inside(at.x, at.y);
  if (about === null || !covers(wanted, menu.width, about)) return wanted;
  const places = [inside(about.right + GAP, about.top), inside(about.left - GAP - menu.width, about.top), inside(about.left, about.bottom + GAP), inside(about.left, about.top - GAP - height)];
  const free = places.find((place) => !covers(place, menu.width, about));
  if (free) return free;
  const { side, room } = roomier(about, window.height);
  if (room < HEIGHT_MIN) return wanted;
  return { left: wanted.left, top: side === "below" ? about.bottom + GAP : GAP, height: room };
}

/** On a phone it is a sheet as wide as the window: at the bottom, or at the top where that would cover what it is about. */
export function sheetPlace(height: number, about: Rect | null, window: Size): { side: "top" | "bottom"; height: number } {
  if (about === null || about.bottom < 0 || about.top > window.height || height <= window.height - about.bottom - GAP) return { side: "bottom", height };
  const { side, room } = roomier(about, window.height);
  if (height <= about.top - GAP) return { side: "top", height };
  return room < HEIGHT_MIN ? { side: "bottom", height } : { side: side === "below" ? "bottom" : "top", height: Math.min(height, room) };
}

function covers({ left, top, height }: MenuPlace, width: number, about: Rect): boolean {
  return left < about.right && left + width > about.left && top < about.bottom && top + height > about.top;
}

function roomier(about: Rect, height: number): { side: "above" | "below"; room: number } {
  const [above, below] = [about.top - 2 * GAP, height - about.bottom - 2 * GAP];
  return below >= above ? { side: "below", room: below } : { side: "above", room: above };
}
