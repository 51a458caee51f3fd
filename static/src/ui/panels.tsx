/** Properties, and the network as lists. */
import type { RoomModel } from "../model/room.ts";
import type { PropertyState } from "../model/types.ts";
import { hostIds, linkOf } from "./scene.ts";
import type { App } from "./app.ts";
import { Icon, useModel } from "./context.tsx";
import { Jump, MenuButton, MessageList } from "./widgets.tsx";
import { linkSettings } from "./sentences.ts";
import { said, text } from "./text.ts";

/* ------------------------------------------------------------------ properties */

const STATE_ICON: Record<PropertyState, string> = { holds: "good", waiting: "wait", seen: "seen", broken: "bad" };

export function stateLabel(state: PropertyState, kind = ""): string {
  if (kind === "always" && state === "waiting") return text("not decided yet");
  switch (state) {
    case "holds":
      return text("holds");
    case "waiting":
      return text("not yet");
    case "seen":
      return text("seen");
    case "broken":
      return text("broken");
  }
}

const kindLabel = (kind: string): string => (kind === "always" ? text("always") : kind === "eventually" ? text("eventually") : text("at least once"));

export function Properties() {
  const { app, model } = useModel();
  const broken = (name: string): number => (model.property(name).state === "broken" ? 0 : 1);
  const entries = Object.entries(model.protocol.properties).sort(([a], [b]) => broken(a) - broken(b));
  return (
    <section class="panel" aria-label={text("Properties")}>
      <h2 class="unseen">{text("Properties")}</h2>
      <ul class="properties">
        {entries.map(([name, spec]) => {
          const { state, since, detail } = model.property(name);
          const reason = model.disclaimed[name];
          return (
            <li key={name} class={`state-${state}${reason === undefined ? "" : " unpromised"}`}>
              <span class="state">
                <Icon name={STATE_ICON[state]} /> <b>{stateLabel(state, spec.kind)}</b>
              </span>
              <div>
                <h3>
                  {said(spec.title)} <small>{kindLabel(spec.kind)}</small>
                </h3>
                <p>
                  {said(spec.text)} {spec.cites && <cite>{said(spec.cites)}</cite>}
                </p>
                {reason !== undefined ? (
                  <p class="promise not">
                    <b>{state === "broken" ? text("It was not promised.") : text("not promised")}</b> {said(reason)}
                  </p>
                ) : (
                  spec.assumes && (
                    <p class="promise">
                      <b>{text("Promised only if:")}</b> {said(spec.assumes)}
                    </p>
                  )
                )}
                {state === "broken" && (
                  <button type="button" class="small bad" onClick={() => void jumpToBad(app, model, detail ?? since)}>
                    {text("Jump to the first bad event, {seq}", { seq: detail ?? since })}
                  </button>
                )}
                {state === "seen" && since > 0 && <Jump app={app} model={model} seq={since} label={text("first at event {seq}", { seq: since })} />}
              </div>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

export async function jumpToBad(app: App, model: RoomModel, seq: number): Promise<void> {
  await app.goto({ seq });
  model.select({ kind: "event", seq });
}

/* ------------------------------------------------------------------ the network as lists: the same acts without a mouse */

export function Network() {
  const { app, model } = useModel();
  const scene = app.scene();
  if (!scene) return null;
  const flights = Object.values(model.world.flights).sort((a, b) => (a.due ?? Infinity) - (b.due ?? Infinity) || a.id - b.id);
  return (
    <section class="panel network" aria-label={text("Network")}>
      <h2 class="unseen">{text("Network")}</h2>
      <h3>{text("Hosts")}</h3>
      <HostButtons app={app} model={model} />
      <h3>{text("Links: from the row to the column")}</h3>
      <LinkTable app={app} model={model} />
      <p class="note">{text("All others: {settings}", { settings: linkSettings(model.setup.link) })}</p>
      <h3>{text("Messages in flight: {n}", { n: flights.length })}</h3>
      <MessageList app={app} model={model} flights={flights} />
    </section>
  );
}

function HostButtons({ app, model }: { app: App; model: RoomModel }) {
  const chosen = model.selection?.kind === "host" ? model.selection.host : null;
  return (
    <ul class="rows inline" aria-label={text("Hosts")}>
      {hostIds(model.world).map((id) => {
        const host = model.world.hosts[id]!;
        const status = !host.up ? text("down") : host.paused ? text("paused") : text("up");
        const name = host.kind === "node" ? text("Node {id}", { id }) : text("Client {id}", { id });
        return (
          <li key={id} class={chosen === id ? "chosen" : ""}>
            <button type="button" class="link-like" aria-pressed={chosen === id} onClick={() => model.select({ kind: "host", host: id })}>
              {`${name}, ${status}`}
            </button>
            <MenuButton app={app} target={{ kind: "host", host: id }} name={name} />
          </li>
        );
      })}
    </ul>
  );
}

function LinkTable({ app, model }: { app: App; model: RoomModel }) {
  const ids = hostIds(model.world);
  const scene = app.scene()!;
  return (
    <div class="table-scroll">
      <table class="links" aria-label={text("Links")}>
        <thead>
          <tr>
            <td />
            {ids.map((id) => (
              <th scope="col" key={id}>
                {id}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {ids.map((src) => (
            <tr key={src}>
              <th scope="row">{src}</th>
              {ids.map((dst) => (
                <td key={dst}>{linkCell(app, model, scene, src, dst)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function linkCell(app: App, model: RoomModel, scene: NonNullable<ReturnType<App["scene"]>>, src: string, dst: string) {
  const client = (id: string) => model.world.hosts[id]?.kind === "client";
  if (src === dst || (client(src) && client(dst))) return null;
  const link = linkOf(scene, { src, dst });
  const apart = model.separated(src, dst);
  const special = `${src}>${dst}` in model.world.links;
  const state = !link.up ? text("cut") : link.held ? text("held") : apart ? text("partitioned") : text("up");
  const sign = !link.up ? "✕" : link.held ? "‖" : apart ? "┃" : special ? "≠" : "·";
  const chosen = model.selection?.kind === "link" && model.selection.src === src && model.selection.dst === dst;
  const settings = special ? linkSettings(link) : "";
  return (
    <button
      type="button"
      class={`link-cell ${!link.up ? "cut" : link.held ? "held" : apart ? "apart" : special ? "special" : ""}${chosen ? " chosen" : ""}`}
      aria-haspopup="menu"
      aria-label={[text("Link {src} → {dst}", { src, dst }), state, settings].filter(Boolean).join(", ")}
      onClick={(event) => {
        const box = event.currentTarget.getBoundingClientRect();
        model.select({ kind: "link", src, dst });
        app.menu.value = { target: { kind: "link", src, dst }, x: box.left, y: box.bottom, opener: event.currentTarget };
      }}
    >
      <span aria-hidden="true">{sign}</span>
    </button>
  );
}
