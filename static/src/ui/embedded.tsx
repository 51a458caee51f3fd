/** A room in a frame of another page: the panels that were chosen, and time. */
import { useEffect, useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { boardsOf, boardsTitle } from "../draw/boardtitle.ts";
import type { EmbedOptions, EmbedPanel } from "../model/links.ts";
import type { App } from "./app.ts";
import { AppContext, Icon, Slot, useApp, useModel } from "./context.tsx";
import { later, lazy, soon } from "./lazy.tsx";
import { Toasts } from "./shell.tsx";
import { Story } from "./story.tsx";
import type { Stage, Views } from "./stage.ts";
import { said, text } from "./text.ts";
import { PlayButton } from "./transport.tsx";

const Feed = lazy(soon, ({ Feed }) => Feed);
const MenuBody = lazy(soon, ({ Menu }) => Menu);
const StageActs = lazy(soon, ({ StageActs }) => StageActs);
const Properties = lazy(later, ({ Properties }) => Properties);
const Clients = lazy(later, ({ Clients }) => Clients);
const DialogBody = lazy(later, ({ DialogBody }) => DialogBody);

interface Shown {
  stage: Stage;
  options: EmbedOptions;
  whole: string;
}

export function Embedded({ app, stage, options, whole }: Shown & { app: App }) {
  useEffect(() => (app.boot.lookOnly ? closed(app) : undefined), [app]);
  return (
    <AppContext.Provider value={app}>
      <Page stage={stage} options={options} whole={whole} />
      <Toasts />
      {!app.boot.lookOnly && <Overlays />}
      <p class="unseen" role="status" aria-live="polite">
        {app.announced}
      </p>
    </AppContext.Provider>
  );
}

/** Where there is nothing to do, no menu and no dialog opens, whatever asked for it. */
function closed(app: App): () => void {
  const ways = [app.menu, app.dialog].map((each) =>
    each.subscribe((open) => {
      if (open) each.value = null;
    }),
  );
  return () => ways.forEach((leave) => leave());
}

function Page({ stage, options, whole }: Shown) {
  const app = useApp();
  const reason = app.refused.value;
  if (reason) return <Unopened reason={said(reason.text, reason.args)} whole={whole} again={() => location.reload()} />;
  if (!app.ready.value || !app.model) {
    return (
      <p class="opening" role="status">
        {app.cut.value ? text("The server does not answer. Trying again …") : text("Opening the room …")}
      </p>
    );
  }
  const [first, ...rest] = options.panels as [EmbedPanel, ...EmbedPanel[]];
  return (
    <div class="app embed" style={{ "--nodes": app.model.nodes.length, "--boards": boardsOf(app.model.protocol).length }}>
      <Top whole={whole} />
      <Warnings />
      <main class="embed-main">
        <Panel panel={first} views={stage.views} />
        {rest.length > 0 && (
          <div class="embed-rest">
            {rest.map((panel) => (
              <Panel key={panel} panel={panel} views={stage.views} />
            ))}
          </div>
        )}
      </main>
      <Bottom views={stage.views} />
    </div>
  );
}

/** What it is, whether something broke, and the way to the whole page. */
function Top({ whole }: { whole: string }) {
  const { app, model } = useModel();
  const title = model.lesson?.title ?? model.scenario?.title ?? model.challenge?.title ?? model.protocol.title;
  const broken = Object.keys(model.protocol.properties).filter((name) => model.property(name).state === "broken");
  return (
    <header class="embed-top">
      <h1>{said(title)}</h1>
      {app.cut.value && <span class="embed-note">{text("The server does not answer. Trying again …")}</span>}
      {broken.length > 0 && (
        <span class="embed-broken">
          <Icon name="bad" /> {broken.map((name) => said(model.protocol.properties[name]?.title ?? name)).join(", ")}
        </span>
      )}
      <a href={whole} target="_blank" rel="noopener">
        {text("Open in Quorumscope")} <span aria-hidden="true">↗</span>
      </a>
    </header>
  );
}

/** That it goes otherwise now than it went for whoever made the link, and what else should not be overlooked. */
function Warnings() {
  const { model } = useModel();
  return (
    <>
      {model.warnings.map((warning) => (
        <p class="embed-note" key={warning.text} role="status">
          {said(warning.text, warning.args)}
        </p>
      ))}
    </>
  );
}

function Panel({ panel, views }: { panel: EmbedPanel; views: Views }) {
  const { model } = useModel();
  const boards = boardsTitle(model.protocol, text);
  const box = (label: string, body: ComponentChildren) => (
    <section class={`embed-panel embed-${panel}`} aria-label={label}>
      {body}
    </section>
  );
  /** These say themselves what they are. */
  const named = (body: ComponentChildren) => <div class={`embed-panel embed-${panel}`}>{body}</div>;
  switch (panel) {
    case "ring":
      return box(text("Cluster"), <Slot element={views.ring} class="ring-slot" />);
    case "story":
      return model.lesson || model.scenario || model.challenge ? named(<Story />) : null;
    case "log":
      return boards === null ? null : box(boards, <Slot element={views.log} class="log-slot" />);
    case "spacetime":
      return box(text("Space-time"), <Slot element={views.spacetime} class="spacetime-slot" />);
    case "feed":
      return named(<Feed />);
    case "properties":
      return named(<Properties />);
    case "clients":
      return named(<Clients lanes={views.lanes} />);
  }
}

function Bottom({ views }: { views: Views }) {
  const { app, model } = useModel();
  const { seq } = model.world;
  return (
    <footer class="bottom embed-bottom">
      <Slot element={views.timeline} class="timeline-slot" />
      <div class="transport" role="toolbar" aria-label={text("Time")}>
        <button type="button" class="icon" aria-disabled={seq <= 0} aria-keyshortcuts="ArrowLeft" aria-label={text("Previous event")} onClick={() => void app.step(-1)}>
          <Icon name="previous" />
        </button>
        <PlayButton app={app} model={model} />
        <button type="button" class="icon" aria-keyshortcuts="ArrowRight" aria-label={text("Next event")} onClick={() => void app.step(1)}>
          <Icon name="next" />
        </button>
        <p class="clock">
          <b>{app.clock}</b>
          <span>{text("event {seq} of {head}", { seq, head: model.head })}</span>
        </p>
        {!app.boot.lookOnly && (
          <div class="acts" role="toolbar" aria-label={text("Acts on the cluster")}>
            <StageActs />
          </div>
        )}
      </div>
    </footer>
  );
}

function Overlays() {
  const app = useApp();
  const open = app.dialog.value;
  const onClose = (): void => {
    app.dialog.value = null;
  };
  return (
    <>
      {app.menu.value && <MenuBody />}
      {open && app.model && <DialogBody key={`${open.name}${JSON.stringify(open.target)}`} open={open} onClose={onClose} />}
    </>
  );
}

/** It could not be opened here; in a page of its own it may be, or is told better. */
export function Unopened({ reason, whole, again }: { reason: string; whole: string; again: () => void }) {
  const [asked, setAsked] = useState(false);
  return (
    <main class="refusal">
      <p role="alert">{reason}</p>
      <p class="row">
        <button
          type="button"
          aria-disabled={asked}
          onClick={() => {
            setAsked(true);
            again();
          }}
        >
          {text("Try again")}
        </button>
        <a class="button" href={whole} target="_blank" rel="noopener">
          {text("Open in Quorumscope")} <span aria-hidden="true">↗</span>
        </a>
      </p>
    </main>
  );
}
