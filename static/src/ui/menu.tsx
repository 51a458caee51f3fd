/** The menu of acts on a node, a link or a message: by right click, by key, by the buttons of lists. */
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { menuPlace, sheetPlace } from "../model/menuplace.ts";
import { actsFor, clusterActs } from "./acts.ts";
import type { Act } from "./scene.ts";
import type { App, OpenMenu } from "./app.ts";
import { useApp } from "./context.tsx";
import { hostOnRing } from "./onring.ts";
import { messageName } from "./sentences.ts";
import { keyLabel } from "./keys.ts";
import { text } from "./text.ts";

/** As in the style sheets. */
const PHONE = "(max-width: 719px)";

export function Menu() {
  const app = useApp();
  const open = app.menu.value;
  if (!open || !app.model) return null;
  return <MenuBox key={JSON.stringify(open.target)} app={app} open={open} />;
}

function titleOf(app: App, open: OpenMenu): string {
  const { target } = open;
  const { model } = app;
  if (target.kind === "host") return model?.world.hosts[target.host]?.kind === "client" ? text("Client {id}", { id: target.host }) : text("Node {id}", { id: target.host });
  if (target.kind === "link") return text("Link {src} → {dst}", { src: target.src, dst: target.dst });
  if (target.kind === "message") {
    const flight = model?.world.flights[String(target.id)];
    return flight && model ? messageName(flight, model.protocol) : text("Message {id}", { id: target.id });
  }
  return text("The cluster");
}

function MenuBox({ app, open }: { app: App; open: OpenMenu }) {
  void app.tick.value; // what is possible changes while the menu is open
  const box = useRef<HTMLDivElement>(null);
  const close = (): void => {
    app.menu.value = null;
    if (open.opener instanceof HTMLElement || open.opener instanceof SVGElement) open.opener.focus();
  };
  // At once, with the menu: a key that is pressed as soon as it is seen must find it.
  useLayoutEffect(() => {
    place(box.current, open);
    box.current?.querySelector<HTMLElement>("[role=menuitem]")?.focus();
  }, [open]);
  useEffect(() => {
    const outside = (event: Event): void => {
      if (box.current && !box.current.contains(event.target as Node)) app.menu.value = null;
    };
    document.addEventListener("pointerdown", outside, true);
    return () => document.removeEventListener("pointerdown", outside, true);
  }, [open]);
  const scene = app.scene();
  if (!scene) return null;
  const { target } = open;
  const acts = target.kind === "cluster" ? clusterActs(scene) : actsFor(scene, target);
  const title = titleOf(app, open);
  return (
    <div ref={box} class="menu" role="menu" aria-label={title} onKeyDown={(event) => keys(event, box.current, close, acts, (act) => app.do(act, target))}>
      <p class="menu-title" role="presentation">
        {title}
      </p>
      {acts.map((act) => (
        <Item key={act.id} act={act} run={() => app.do(act, target)} />
      ))}
      {target.kind === "cluster" && (
        <button type="button" role="menuitem" tabIndex={-1} class="menu-item" onClick={() => take(app)}>
          <span>{text("Take away…")}</span>
          <kbd aria-hidden="true">T</kbd>
        </button>
      )}
      {target.kind === "host" && (
        <button type="button" role="menuitem" tabIndex={-1} class="menu-item" onClick={() => inspect(app, open)}>
          <span>{text("Inspect")}</span>
        </button>
      )}
    </div>
  );
}

function inspect(app: App, open: OpenMenu): void {
  if (open.target.kind !== "cluster") app.model?.select(open.target);
  app.menu.value = null;
  app.setPanel("inspector");
}

function take(app: App): void {
  app.menu.value = null;
  app.dialog.value = { name: "take", target: { kind: "cluster" } };
}

function Item({ act, run }: { act: Act; run: () => void }) {
  return (
    <button type="button" role="menuitem" tabIndex={-1} class={`menu-item ${act.tone ?? ""}`} aria-disabled={act.refusal !== null} onClick={run}>
      <span>{act.label}</span>
      {act.key && <kbd aria-hidden="true">{keyLabel(act.key)}</kbd>}
      {act.refusal && <small>{act.refusal}</small>}
    </button>
  );
}

/** Keeps the menu in the window and off the node that it is about; on a phone the style sheet makes it a sheet instead. */
function place(box: HTMLDivElement | null, open: OpenMenu): void {
  if (!box) return;
  const [about, page] = [hostOnRing(open.target, open.opener)?.getBoundingClientRect() ?? null, { width: innerWidth, height: innerHeight }];
  const { offsetWidth: width, offsetHeight: height } = box;
  if (matchMedia(PHONE).matches) {
    const sheet = sheetPlace(height, about, page);
    box.classList.toggle("at-top", sheet.side === "top");
    box.style.maxHeight = `${sheet.height}px`;
    return;
  }
  const found = menuPlace({ width, height }, open, about, page);
  box.style.left = `${found.left}px`;
  box.style.top = `${found.top}px`;
  box.style.maxHeight = `${found.height}px`;
}

function keys(event: KeyboardEvent, box: HTMLElement | null, close: () => void, acts: Act[], run: (act: Act) => void): void {
  if (!box) return;
  const items = [...box.querySelectorAll<HTMLElement>("[role=menuitem]")];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const to = (index: number): void => items[(index + items.length) % items.length]?.focus();
  if (event.key === "ArrowDown") to(at + 1);
  else if (event.key === "ArrowUp") to(at - 1);
  else if (event.key === "Home") to(0);
  else if (event.key === "End") to(items.length - 1);
  else if (event.key === "Escape" || event.key === "Tab") close();
  else {
    const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : acts.find((each) => each.key === event.key.toLowerCase());
    if (!act) return;
    run(act);
  }
  event.preventDefault();
  event.stopPropagation();
}
