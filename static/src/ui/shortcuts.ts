/** Keys to acts. One listener on the document, so that a click anywhere never takes the keys away. */
import { actOfKey } from "./acts.ts";
import { hostIds } from "./scene.ts";
import type { App, Filter, Target } from "./app.ts";
import { positionOf, ratioAt } from "./format.ts";
import { hostOnRing } from "./onring.ts";
import { actOf, free, stroke, type Focused, type KeyAct } from "./keys.ts";

const SPEED_KEY_STEP = 25;

export function listen(app: App): void {
  document.addEventListener("click", (event) => event.detail > 0 && letGo());
  document.addEventListener("pointerup", () => setTimeout(letGo, 0));
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (!app.model || app.menu.value || app.dialog.value) return; // they have keys of their own
    const name = stroke(event);
    if (!free(name, focused())) return;
    if (run(app, name)) event.preventDefault();
  });
}

/** What would keep keys for itself, and was only clicked: a slider, a choice, a tab, a button. */
const CLICKED = "input[type=range], input[type=radio], input[type=checkbox], button, summary, [role=tab], [role=treeitem], a";

/**
 * A click does not leave the keys with what was clicked, so that space plays and arrows step after it. Who comes with
 * the keyboard stays where he is; so does whoever is in a dialog or writes.
 */
function letGo(): void {
  const element = document.activeElement;
  if (element instanceof HTMLElement && element.matches(CLICKED) && !element.closest("dialog, .menu")) element.blur();
}

function focused(): Focused | null {
  const element = document.activeElement;
  if (!(element instanceof HTMLElement) && !(element instanceof SVGElement)) return null;
  return {
    tagName: element.tagName,
    type: element instanceof HTMLInputElement ? element.type : "",
    isContentEditable: element instanceof HTMLElement && element.isContentEditable,
    role: element.getAttribute("role"),
  };
}

/** True when the stroke meant something. */
function run(app: App, name: string): boolean {
  const model = app.model!;
  if (/^[1-9]$/.test(name)) {
    const host = model.nodes[Number(name) - 1];
    if (host) model.select({ kind: "host", host });
    return host !== undefined;
  }
  const act = actOf(name);
  if (act) {
    DO[act](app);
    return true;
  }
  const scene = app.scene();
  const selection = model.selection;
  if (app.boot.lookOnly) return false;
  const found = scene && actOfKey(scene, selection, name);
  if (!found) return false;
  const mine: Target = selection && !["partition", "heal", "dials", "rules", "request_any"].includes(found.id) ? selection : { kind: "cluster" };
  app.do(found, mine);
  return true;
}

const DO: Record<KeyAct, (app: App) => void> = {
  toggle_play: (app) => app.togglePlay(),
  next_event: (app) => void app.step(1),
  previous_event: (app) => void app.step(-1),
  next_ten: (app) => void app.step(1, 10),
  previous_ten: (app) => void app.step(-1, 10),
  live: (app) => app.live(),
  slower: (app) => changeSpeed(app, -SPEED_KEY_STEP),
  faster: (app) => changeSpeed(app, SPEED_KEY_STEP),
  until_leader: (app) => app.runUntil({ kind: "leader" }),
  until_commit: (app) => app.runUntil({ kind: "commit" }),
  until_violation: (app) => app.runUntil({ kind: "violation" }),
  filter: nextFilter,
  select_node: () => {},
  menu: openMenu,
  copy: (app) => void app.copy(),
  link: (app) => app.share(),
  take: (app) => {
    app.dialog.value = { name: "take", target: { kind: "cluster" } };
  },
  save: (app) => app.save(),
  help: (app) => {
    app.dialog.value = { name: "help", target: { kind: "cluster" } };
  },
  escape: (app) => app.model?.select(null),
};

function changeSpeed(app: App, by: number): void {
  if (app.model) app.speed(ratioAt(positionOf(app.model.ratio) + by));
}

function nextFilter(app: App): void {
  const order: Filter[] = ["focus", "context", "all"];
  app.setFilter(order[(order.indexOf(app.filter.value) + 1) % order.length] ?? "context");
}

function openMenu(app: App): void {
  const model = app.model!;
  const target = model.selection ?? (hostIds(model.world)[0] ? ({ kind: "cluster" } as const) : null);
  if (!target) return;
  const useful = target.kind === "host" || target.kind === "link" || target.kind === "message";
  const about = useful ? target : ({ kind: "cluster" } as const);
  const host = hostOnRing(about, document.activeElement)?.getBoundingClientRect();
  const box = document.querySelector(".stage-box")?.getBoundingClientRect();
  const at = host ? { x: host.right + 8, y: host.top } : { x: (box?.left ?? 0) + 24, y: (box?.top ?? 0) + 56 };
  app.menu.value = { target: about, ...at, opener: document.activeElement };
}
