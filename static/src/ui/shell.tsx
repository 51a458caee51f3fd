/** The page of a room: what stands where at which width. */
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { boardsOf, boardsTitle, boardTitle } from "../draw/boardtitle.ts";
import { watchEdges } from "../draw/edges.ts";
import type { App } from "./app.ts";
import { Banners } from "./banners.tsx";
import { AppContext, Icon, Slot, useApp, useModel } from "./context.tsx";
import { later, lazy, soon } from "./lazy.tsx";
import { currentTheme, setTheme } from "./memory.ts";
import { brokenCount, Story } from "./story.tsx";
import type { Stage, Views } from "./stage.ts";
import { RosterLine } from "./setupline.tsx";
import { StageTools } from "./stagetools.tsx";
import { locale, said, text } from "./text.ts";
import { Transport } from "./transport.tsx";

/* ------------------------------------------------------------------ what is fetched when it is looked at, or in a quiet moment */

const loading = () => <p class="empty">{text("Loading …")}</p>;
const SelectedActs = lazy(soon, ({ SelectedActs }) => SelectedActs);
const Feed = lazy(soon, ({ Feed }) => Feed, loading);
const Branches = lazy(soon, ({ Branches }) => Branches);
const MenuBody = lazy(soon, ({ Menu }) => Menu);
const Inspector = lazy(later, ({ Inspector }) => Inspector, loading);
const Properties = lazy(later, ({ Properties }) => Properties, loading);
const Clients = lazy(later, ({ Clients }) => Clients, loading);
const Network = lazy(later, ({ Network }) => Network, loading);
const DialogBody = lazy(later, ({ DialogBody }) => DialogBody);

function Menu() {
  const app = useApp();
  return app.menu.value ? <MenuBody /> : null;
}

function Dialogs() {
  const app = useApp();
  const open = app.dialog.value;
  if (!open || !app.model) return null;
  const onClose = (): void => {
    app.dialog.value = null;
  };
  return <DialogBody key={`${open.name}${JSON.stringify(open.target)}`} open={open} onClose={onClose} />;
}

/* ------------------------------------------------------------------ widths */

export type Width = "phone" | "desk" | "wide";

const PHONE = "(max-width: 719px)";
const WIDE = "(min-width: 1440px)";

function measured(): Width {
  if (matchMedia(PHONE).matches) return "phone";
  return matchMedia(WIDE).matches ? "wide" : "desk";
}

const width = signal<Width>("desk");

export function watchWidth(): void {
  const update = (): void => {
    width.value = measured();
  };
  for (const query of [PHONE, WIDE]) matchMedia(query).addEventListener("change", update);
  update();
}

/* ------------------------------------------------------------------ the page */

export function Shell({ app, stage }: { app: App; stage: Stage }) {
  return (
    <AppContext.Provider value={app}>
      <Page views={stage.views} />
      <Toasts />
      <Menu />
      <Dialogs />
      <p class="unseen" role="status" aria-live="polite">
        {app.announced}
      </p>
    </AppContext.Provider>
  );
}

function Page({ views }: { views: Views }) {
  const app = useApp();
  if (app.refused.value) return <Refusal />;
  if (!app.ready.value || !app.model) {
    return (
      <p class="opening" role="status">
        {app.cut.value ? text("The server does not answer. Trying again …") : app.saving.value ? said(app.saving.value.text, app.saving.value.args) : text("Opening the room …")}
      </p>
    );
  }
  const phone = width.value === "phone";
  const { protocol, nodes } = app.model;
  const boards = boardsTitle(protocol, text);
  return (
    <div class={`app ${width.value}`} style={{ "--nodes": nodes.length, "--boards": boardsOf(protocol).length }}>
      <TopBar />
      <Banners />
      <main class="room-main">
        <section class="stage-box" aria-label={text("Cluster")}>
          <StageTools />
          <RosterLine />
          <SelectedActs />
          <Slot element={views.ring} class="ring-slot" />
        </section>
        <section class="side">
          <Story />
          {!phone && boards !== null && (
            <section class="log-box" aria-label={boards}>
              <Slot element={views.log} class="log-slot" />
            </section>
          )}
          <Panels views={views} />
        </section>
        {width.value === "wide" && (
          <section class="third">
            <section class="spacetime-box" aria-label={text("Space-time")}>
              <Slot element={views.spacetime} class="spacetime-slot" />
            </section>
            <Inspector />
          </section>
        )}
      </main>
      <footer class="bottom">
        <Slot element={views.timeline} class="timeline-slot" />
        <Branches />
        <Transport />
      </footer>
    </div>
  );
}

function Refusal() {
  const app = useApp();
  const reason = app.refused.value;
  return (
    <main class="refusal">
      <h1>{text("This room is closed to you")}</h1>
      <p role="alert">{reason?.text ? said(reason.text, reason.args) : text("The server says goodbye.")}</p>
      <p>
        <a class="button primary" href="/">
          {text("To the gallery")}
        </a>
      </p>
    </main>
  );
}

/* ------------------------------------------------------------------ the top */

function TopBar() {
  const { app, model } = useModel();
  const title = model.lesson?.title ?? model.scenario?.title ?? model.challenge?.title ?? model.protocol.title;
  const zh = locale() === "zh";
  return (
    <header class="top">
      <a class="brand" href="/" aria-label={text("Quorumscope, to the gallery")}>
        <svg viewBox="0 0 32 32" width="24" height="24" aria-hidden="true" class="mark">
          <circle cx="16" cy="17" r="10" fill="none" stroke="currentColor" stroke-width="2.5" />
          <circle cx="16" cy="6" r="5.5" class="mark-a" />
          <circle cx="6.5" cy="23" r="4.5" class="mark-b" />
          <circle cx="25.5" cy="23" r="4.5" class="mark-a" />
        </svg>
      </a>
      <h1>
        {said(title)} <small>{text("{nodes} nodes, seed {seed}", { nodes: model.nodes.length, seed: model.setup.seed })}</small>
      </h1>
      <Connected />
      <div class="top-tools">
        <button type="button" class="quiet with-icon" aria-haspopup="dialog" aria-label={text("People and controls, {n} in the room", { n: app.peopleCount.value })} onClick={() => (app.dialog.value = { name: "people", target: { kind: "cluster" } })}>
          <Icon name="people" /> {app.peopleCount}
          {model.mayControl ? <span class="badge">{text("controls")}</span> : <span class="badge dull">{text("watching")}</span>}
        </button>
        <button type="button" class="quiet with-icon" aria-haspopup="dialog" aria-keyshortcuts="s" aria-label={text("Share: link to this moment")} onClick={() => app.share()}>
          <Icon name="link" /> <span class="wide-only">{text("Share")}</span>
        </button>
        <button type="button" class="quiet icon not-phone" aria-haspopup="dialog" aria-keyshortcuts="w" aria-label={text("Save this room")} title={text("Save this room")} onClick={() => app.save()}>
          <Icon name="save" />
        </button>
        <button type="button" class="quiet wide-only" onClick={() => void app.copy()}>
          {text("My own copy")}
        </button>
        <button type="button" class="quiet wide-only" aria-haspopup="dialog" onClick={() => (app.dialog.value = { name: "setup", target: { kind: "cluster" } })}>
          {text("New room…")}
        </button>
        <button type="button" class="quiet icon" aria-haspopup="dialog" aria-keyshortcuts="t" aria-label={text("Take away")} title={text("Take away")} onClick={() => (app.dialog.value = { name: "take", target: { kind: "cluster" } })}>
          <Icon name="take" />
        </button>
        <ThemeSwitch />
        <a class="button quiet" href={zh ? "?lang=en" : "?lang=zh"} lang={zh ? "en" : "zh-Hans"}>
          {zh ? "English" : "中文"}
        </a>
        <button type="button" class="quiet icon" aria-haspopup="dialog" aria-keyshortcuts="?" aria-label={text("Keys and legend")} onClick={() => (app.dialog.value = { name: "help", target: { kind: "cluster" } })}>
          ?
        </button>
      </div>
    </header>
  );
}

function Connected() {
  const app = useApp();
  const state = app.connection.value;
  const label =
    state === "open" ? text("connected") : state === "connecting" ? text("connecting …") : state === "lost" ? text("connection lost, trying again …") : text("disconnected");
  return (
    <p class={`connection ${state}`} role="status">
      <span class="dot" aria-hidden="true" />
      <span class="connection-text">{label}</span>
    </p>
  );
}

const dark = signal(false);

export function ThemeSwitch() {
  useEffect(() => {
    dark.value = currentTheme() === "dark";
  }, []);
  return (
    <button
      type="button"
      class="quiet icon"
      aria-label={text("Dark theme")}
      aria-pressed={dark.value}
      onClick={() => {
        setTheme(dark.value ? "light" : "dark");
        dark.value = !dark.value;
      }}
    >
      <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
        <path d="M10 2.8a7.2 7.2 0 1 0 0 14.4z" fill="currentColor" />
        <circle cx="10" cy="10" r="7.2" fill="none" stroke="currentColor" stroke-width="1.6" />
      </svg>
    </button>
  );
}

/* ------------------------------------------------------------------ panels in tabs */

interface Tab {
  id: string;
  label: string;
  badge?: number;
  body: () => ComponentChildren;
}

function tabs(app: App, views: Views): Tab[] {
  const model = app.model!;
  const at = width.value;
  const list: Tab[] = [];
  if (at === "phone") {
    boardsOf(model.protocol).forEach((panel, index) => {
      list.push({ id: index ? `log-${index}` : "log", label: boardTitle(model.protocol, panel, text), body: () => <OneBoard views={views} index={index} /> });
    });
  }
  list.push({ id: "feed", label: text("Feed"), body: () => <Feed /> });
  if (at !== "wide") {
    list.push({ id: "inspector", label: text("Inspector"), body: () => <Inspector /> });
    list.push({ id: "spacetime", label: text("Space-time"), body: () => <Slot element={views.spacetime} class="spacetime-slot" /> });
  }
  list.push({ id: "properties", label: text("Properties"), badge: brokenCount(model), body: () => <Properties /> });
  list.push({ id: "clients", label: text("Clients"), body: () => <Clients lanes={views.lanes} /> });
  list.push({ id: "network", label: text("Network"), body: () => <Network /> });
  return list;
}

/** One of the panels that stand beside the ring where there is room. */
function OneBoard({ views, index }: { views: Views; index: number }) {
  useEffect(() => {
    views.board.value = index;
    return () => {
      views.board.value = null;
    };
  }, [views, index]);
  return <Slot element={views.log} class="log-slot" />;
}

function Panels({ views }: { views: Views }) {
  const { app } = useModel();
  const list = tabs(app, views);
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => (row.current ? watchEdges(row.current) : undefined), [list.length]);
  const chosen = list.find((tab) => tab.id === app.panel.value) ?? list[0]!;
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (!by) return;
    const index = (list.indexOf(chosen) + by + list.length) % list.length;
    app.setPanel(list[index]!.id);
    row.current?.querySelectorAll<HTMLElement>("[role=tab]")[index]?.focus();
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <section class="panels">
      <div class="tabs" role="tablist" aria-label={text("Panels")} ref={row} onKeyDown={onKeyDown}>
        {list.map((tab) => (
          <button
            key={tab.id}
            type="button"
            role="tab"
            id={`tab-${tab.id}`}
            aria-selected={tab === chosen}
            aria-controls="panel"
            tabIndex={tab === chosen ? 0 : -1}
            onClick={() => app.setPanel(tab.id)}
          >
            {tab.label}
            {tab.badge ? <span class="badge bad">{tab.badge}</span> : null}
          </button>
        ))}
      </div>
      <div id="panel" class="tab-panel" role="tabpanel" aria-labelledby={`tab-${chosen.id}`} tabIndex={0} key={chosen.id}>
        {chosen.body()}
      </div>
    </section>
  );
}

/* ------------------------------------------------------------------ toasts */

export function Toasts() {
  const app = useApp();
  return (
    <div class="toasts" role="status" aria-live="polite">
      {app.toasts.value.map((toast) => (
        <p key={toast.id} class={`toast ${toast.tone}`}>
          <span>{toast.text}</span>
          <button type="button" class="quiet icon" aria-label={text("Close")} onClick={() => app.dismiss(toast.id)}>
            <Icon name="close" />
          </button>
        </p>
      ))}
    </div>
  );
}
