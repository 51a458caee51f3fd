/** Clusters side by side: a ring for each, one clock, and what each has cost. */
import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import type { Costs, Selection } from "../model/types.ts";
import type { App } from "./app.ts";
import { AppContext, Icon, Slot, useApp, useModel } from "./context.tsx";
import type { Difference } from "./difference.tsx";
import { later, lazy, soon } from "./lazy.tsx";
import { ratioLabel } from "./format.ts";
import { tunedLabels } from "./setup.ts";
import { figuresOf, marksOf, type Figure } from "./sidefigures.ts";
import type { Stage } from "./stage.ts";
import { ThemeSwitch, Toasts } from "./shell.tsx";
import { locale, said, text } from "./text.ts";
import { PlayButton, Speed } from "./transport.tsx";

export interface Cell {
  app: App;
  stage: Stage;
  /** The protocol and how it is tuned; or the name of the branch. */
  label: string;
}

/** What is only of branches. */
const Branching = createContext(false);

const MenuBody = lazy(soon, ({ Menu }) => Menu);
const StageActs = lazy(soon, ({ StageActs }) => StageActs);
const PartingCard = lazy(later, ({ PartingCard }) => PartingCard);
const DialogBody = lazy(later, ({ DialogBody }) => DialogBody);

export function SideBySide({ cells, branches }: { cells: Cell[]; branches: boolean }) {
  const [difference, setDifference] = useState<Difference | null>(null);
  useEffect(() => sharedSelection(cells), [cells]);
  const [first] = cells;
  if (!first) return null;
  return (
    <Branching.Provider value={branches}>
      <Within cell={first}>
        <Top cells={cells} />
      </Within>
      <main class={`side-main${branches ? " of-branches" : ""}`}>
        <Trouble cells={cells} />
        {branches && <PartingCard cells={cells} difference={difference} found={setDifference} />}
        <div class="side-rings" style={{ "--cells": cells.length }}>
          {cells.map((cell, index) => (
            <Within cell={cell} key={cell.app.boot.room}>
              <Cluster cell={cell} marked={difference?.how ? (difference.seqs[index] ?? null) : undefined} />
            </Within>
          ))}
        </div>
        {!branches && <Figures cells={cells} />}
      </main>
      <Within cell={first}>
        <Bottom cell={first} />
      </Within>
      {cells.map((cell) => (
        <Within cell={cell} key={cell.app.boot.room}>
          <Overlays />
        </Within>
      ))}
    </Branching.Provider>
  );
}

function Within({ cell, children }: { cell: Cell; children: preact.ComponentChildren }) {
  return <AppContext.Provider value={cell.app}>{children}</AppContext.Provider>;
}

/** A host or a link that is selected in one ring is selected in all; a message is in one alone. */
function sharedSelection(cells: Cell[]): () => void {
  const leave: (() => void)[] = [];
  let under = false;
  const share = (from: App, selection: Selection | null): void => {
    if (under || (selection && selection.kind !== "host" && selection.kind !== "link")) return;
    under = true;
    for (const { app } of cells) if (app !== from) app.model?.select(selection);
    under = false;
  };
  for (const { app } of cells) {
    let known = false;
    app.whenModel((model) => {
      if (known) return;
      known = true;
      leave.push(model.subscribe("selection", () => share(app, app.model?.selection ?? null)));
    });
  }
  return () => leave.forEach((each) => each());
}

function Top({ cells }: { cells: Cell[] }) {
  const app = useApp();
  void app.tick.value;
  const zh = locale() === "zh";
  const nodes = app.model?.nodes.length ?? 0;
  const branches = useContext(Branching);
  return (
    <header class="top side-top">
      <a class="button quiet" href={branches ? "/" : "/compare"}>
        {branches ? text("To the gallery") : text("Compare")}
      </a>
      <h1 class="foreign">
        {cells.map((cell) => (branches ? cell.label : nameOf(cell))).join(" | ")}{" "}
        <small>{branches ? text("{nodes} nodes, two branches, one clock", { nodes }) : text("{nodes} nodes, one clock", { nodes })}</small>
      </h1>
      <div class="top-tools">
        <ThemeSwitch />
        <a class="button quiet" href={zh ? "?lang=en" : "?lang=zh"} lang={zh ? "en" : "zh-Hans"}>
          {zh ? "English" : "中文"}
        </a>
      </div>
    </header>
  );
}

/** What keeps all clusters from going on: they share a server and its database. */
function Trouble({ cells }: { cells: Cell[] }) {
  const apps = cells.map((cell) => cell.app);
  const cut = apps.filter(({ connection: { value } }) => value === "lost" || value === "connecting");
  if (cut.some((app) => app.model !== null)) {
    return (
      <p class="banner bad" role="alert">
        {text("The server does not answer. Trying again …")}
      </p>
    );
  }
  const saving = apps.map((app) => app.saving.value).find((told) => told !== null);
  return saving ? (
    <p class={saving.held ? "banner bad" : "banner warn"} role="alert">
      {said(saving.text, saving.args)}
    </p>
  ) : null;
}

/** `marked` is the event that differs first; null: what differs does not happen here; undefined: nothing differs. */
function Cluster({ cell, marked }: { cell: Cell; marked: number | null | undefined }) {
  const app = useApp();
  void app.tick.value;
  const { model } = app;
  const branches = useContext(Branching);
  return (
    <section class="side-cluster" aria-label={branches ? text("Branch {name}", { name: cell.label }) : nameOf(cell)}>
      {branches ? (
        <h2 class="foreign">{cell.label}</h2>
      ) : (
        <h2>
          {model ? said(model.protocol.title) : cell.label} {tuning(cell) && <small>{tuning(cell)}</small>}
        </h2>
      )}
      {app.refused.value ? (
        <p class="banner bad" role="alert">
          {app.refused.value.text ? said(app.refused.value.text, app.refused.value.args) : text("The server says goodbye.")}
        </p>
      ) : (
        <div class="side-told">
          {marked !== undefined && (
            <p class="side-marked">{marked === null ? text("First difference: it does not happen here.") : text("First difference here: event {seq}", { seq: marked })}</p>
          )}
          {model && <Broken />}
        </div>
      )}
      <Slot element={cell.stage.views.ring} class="ring-slot" />
      {branches && <Slot element={cell.stage.views.spacetime} class="spacetime-slot" />}
    </section>
  );
}

/** What is tuned otherwise than it comes, in the words of the form. */
function tuning({ app: { model } }: Cell): string {
  if (!model) return "";
  return tunedLabels(model, ["think_time"]).join(", ");
}

/** The name of a cluster where there is little room for it. */
function nameOf(cell: Cell): string {
  const { model } = cell.app;
  const title = model ? said(model.protocol.title) : cell.label;
  return tuning(cell) ? `${title} · ${tuning(cell)}` : title;
}

function Broken() {
  const { model } = useModel();
  const broken = Object.keys(model.protocol.properties)
    .map((name) => ({ name, ...model.property(name) }))
    .filter(({ state }) => state === "broken")
    .sort((a, b) => a.since - b.since);
  return (
    <p class={`side-broken${broken.length ? " some" : ""}`} role="status">
      {broken.length > 0 && (
        <>
          <Icon name="bad" /> {broken.map(({ name }) => said(model.protocol.properties[name]?.title ?? name)).join(", ")}
        </>
      )}
    </p>
  );
}

/** The meters, a row for each figure and a column for each cluster; best and worst are marked where they differ much. */
function Figures({ cells }: { cells: Cell[] }) {
  for (const { app } of cells) void app.tick.value;
  const costs = cells.map(({ app }) => app.model?.costs ?? null);
  return (
    <section class="side-figures" aria-label={text("What it has cost so far")}>
      <table>
        <caption>{text("What it has cost so far")}</caption>
        <thead>
          <tr>
            <td />
            {cells.map((cell) => (
              <th scope="col" key={cell.label}>
                {nameOf(cell)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {figuresOf().map((figure) => (
            <Row key={figure.name} figure={figure} costs={costs} />
          ))}
        </tbody>
      </table>
      <p class="note">{text("▲ best and ▽ worst are marked where they differ by more than a tenth: it is one run each.")}</p>
    </section>
  );
}

function Row({ figure, costs }: { figure: Figure; costs: (Costs | null)[] }) {
  const values = costs.map((each) => (each ? figure.value(each) : null));
  const marks = marksOf(values, figure);
  return (
    <tr>
      <th scope="row">{figure.label}</th>
      {values.map((value, index) => (
        <td key={index} class={marks[index] ?? ""}>
          <span class="side-value">{value === null ? "–" : figure.shown(value)}</span>
          {marks[index] && (
            <span class="side-mark">
              <span aria-hidden="true">{marks[index] === "best" ? "▲" : "▽"}</span>
              <span class="unseen">{marks[index] === "best" ? text("best") : text("worst")}</span>
            </span>
          )}
        </td>
      ))}
    </tr>
  );
}

function Bottom({ cell }: { cell: Cell }) {
  const app = useApp();
  void app.tick.value;
  // On a phone speed and acts unfold on demand.
  const [open, setOpen] = useState(false);
  const { model } = app;
  if (!model) return null;
  return (
    <footer class={`bottom side-bottom${open ? " spread" : ""}`}>
      <Slot element={cell.stage.views.timeline} class="timeline-slot" />
      <div class="side-controls">
        <div class={`transport${open ? " with-speed" : ""}`} role="toolbar" aria-label={text("Time")}>
          <button type="button" class="icon" aria-disabled={model.t <= 0} aria-keyshortcuts="ArrowLeft" aria-label={text("Previous moment")} onClick={() => void app.step(-1)}>
            <Icon name="previous" />
          </button>
          <PlayButton app={app} model={model} />
          <button type="button" class="icon" aria-keyshortcuts="ArrowRight" aria-label={text("Next moment")} onClick={() => void app.step(1)}>
            <Icon name="next" />
          </button>
          <button type="button" class="with-icon live" aria-keyshortcuts="End" onClick={() => app.live()}>
            <Icon name="live" /> {text("Live")}
          </button>
          <button type="button" class="phone-only" aria-expanded={open} aria-label={text("Speed and acts, {ratio}", { ratio: ratioLabel(model.ratio) })} onClick={() => setOpen(!open)}>
            {ratioLabel(model.ratio)} <span aria-hidden="true">{open ? "▴" : "▾"}</span>
          </button>
          <Speed />
          <p class="clock">
            <b>{app.clock}</b>
            <span>{model.playing ? "" : standing(Math.round(model.t))}</span>
          </p>
        </div>
        <div class="side-acts" role="toolbar" aria-label={text("Acts on all clusters")}>
          <StageActs />
        </div>
      </div>
    </footer>
  );
}

/** That it stands still, and where. Two moments may be in the same millisecond: a step is seen all the same. */
function standing(t: number): string {
  if (t <= 0) return text("Paused at the beginning: Play starts all clusters.");
  return t % 1000 ? text("paused, {us} µs later", { us: t % 1000 }) : text("paused");
}

function Overlays() {
  const app = useApp();
  const open = app.dialog.value;
  const onClose = (): void => {
    app.dialog.value = null;
  };
  return (
    <>
      <Toasts />
      {app.menu.value && <MenuBody />}
      {open && app.model && <DialogBody key={`${open.name}${JSON.stringify(open.target)}`} open={open} onClose={onClose} />}
    </>
  );
}
