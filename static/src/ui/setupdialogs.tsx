/** The dialogs about how a room is set up: all of it, and a new room that begins like this one. */
import { useState } from "preact/hooks";
import { grouped, type ParamSpec } from "../model/forms.ts";
import { Dialog, useModel } from "./context.tsx";
import { linkSettings } from "./sentences.ts";
import { linkLabel, tunedGroups, type Tuned } from "./setup.ts";
import { said, text } from "./text.ts";

/* ------------------------------------------------------------------ how this one is set up */

export function InForce({ onClose }: { onClose: () => void }) {
  const { app, model } = useModel();
  const { setup, protocol, world } = model;
  const off = Object.keys(protocol.rules).filter((rule) => world.rules[rule] === false);
  const now = linkLabel(model);
  return (
    <Dialog title={text("How this room is set up")} onClose={onClose} closeLabel={text("Close")} wide>
      <dl class="fields-list">
        <Line title={text("Cluster")} value={text("{nodes} nodes, clients: {clients}, seed {seed}", { nodes: setup.nodes, clients: setup.clients, seed: setup.seed })} />
        <Line title={text("Links")} value={linkSettings(setup.link, true)} note={now ? text("Not as they come: {settings}", { settings: now }) : ""} />
        <Line
          title={text("Rules that are off")}
          value={off.map((rule) => said(protocol.rules[rule]!.title)).join(", ") || text("none")}
          {...(off.length ? { note: text("What you see is not the algorithm.") } : {})}
        />
      </dl>
      {tunedGroups(model).map(({ title, list }) => (
        <div class="fields-group" key={title}>
          {title && <h3>{title}</h3>}
          <dl class="fields-list tuned-list">
            {list.map((tuned) => (
              <TunedLine key={tuned.name} tuned={tuned} />
            ))}
          </dl>
        </div>
      ))}
      <div class="row end">
        <button type="button" onClick={() => (app.dialog.value = { name: "rules", target: { kind: "cluster" } })}>
          {text("Rules…")}
        </button>
        <button type="button" class="primary" onClick={() => (app.dialog.value = { name: "setup", target: { kind: "cluster" } })}>
          {text("New room…")}
        </button>
      </div>
    </Dialog>
  );
}

function Line({ title, value, note = "" }: { title: string; value: string; note?: string }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd>{value}</dd>
      {note && <dd class="explain">{note}</dd>}
    </div>
  );
}

function TunedLine({ tuned: { title, value, usual, text: sentence } }: { tuned: Tuned }) {
  return (
    <div class={usual === null ? "" : "changed"}>
      <dt>
        {title}
        {usual !== null && <span class="changed-mark"> {text("usually {value}", { value: usual })}</span>}
      </dt>
      <dd>{value}</dd>
      <dd class="explain">{sentence}</dd>
    </div>
  );
}

/* ------------------------------------------------------------------ a new room */

export function NewRoom({ onClose }: { onClose: () => void }) {
  const { app, model } = useModel();
  const { setup, protocol } = model;
  return (
    <Dialog title={text("A new room")} onClose={onClose} closeLabel={text("Close")} wide>
      <form class="form" method="post" action="/rooms">
        <input type="hidden" name="protocol" value={protocol.name} />
        <div class="fields">
          <Plain name="nodes" label={text("Nodes (1 to 9)")} value={setup.nodes} low={1} high={9} />
          <Plain name="clients" label={text("Clients (0 to 4)")} value={setup.clients} low={0} high={4} />
          <label class="field">
            <span>{text("Seed")}</span>
            <input type="text" name="seed" inputMode="numeric" pattern="[0-9]{1,15}" defaultValue={String(setup.seed)} />
            <small>{text("The same seed and the same acts give the same run.")}</small>
          </label>
        </div>
        {grouped(protocol).map(({ title, params }) => (
          <fieldset class="group" key={title}>
            {title && <legend>{said(title)}</legend>}
            <div class="fields">
              {params.map(([name, spec]) => (
                <Param key={name} name={name} spec={spec} current={setup.params[name] ?? spec.default} />
              ))}
            </div>
          </fieldset>
        ))}
        <div class="row end">
          <button type="button" onClick={() => app.save()}>
            {text("Save the recording of this room")}
          </button>
          <button type="submit" class="primary">
            {text("Open the room")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Plain(props: { name: string; label: string; value: number; low: number; high: number }) {
  return (
    <label class="field">
      <span>{props.label}</span>
      <input type="number" name={props.name} defaultValue={String(props.value)} min={props.low} max={props.high} step="1" required />
    </label>
  );
}

/** One tunable. Times are typed in milliseconds and posted in microseconds. */
function Param({ name, spec, current }: { name: string; spec: ParamSpec; current: unknown }) {
  const scale = spec.unit === "µs" ? 1000 : 1;
  const [value, setValue] = useState(Number(current) / scale);
  if (spec.unit === "switch") {
    return (
      <label class="field check">
        <input type="hidden" name={`param.${name}`} value="off" />
        <input type="checkbox" name={`param.${name}`} value="on" defaultChecked={current === true} />
        <span>{said(spec.title)}</span>
        <small>{said(spec.text)}</small>
      </label>
    );
  }
  if (spec.unit === "choice") {
    return (
      <label class="field">
        <span>{said(spec.title)}</span>
        <select name={`param.${name}`}>
          {Object.entries(spec.choices ?? {}).map(([word, label]) => (
            <option key={word} value={word} selected={word === current}>
              {said(label)}
            </option>
          ))}
        </select>
        <small>{said(spec.text)}</small>
      </label>
    );
  }
  const unit = spec.unit === "µs" ? " (ms)" : spec.unit === "percent" ? " (%)" : "";
  const bound = (edge: number | undefined) => (edge === undefined || edge === null ? {} : edge / scale);
  return (
    <label class="field">
      <span>{said(spec.title) + unit}</span>
      <input
        type="number"
        step="any"
        value={value}
        {...(typeof bound(spec.low) === "number" ? { min: bound(spec.low) as number } : {})}
        {...(typeof bound(spec.high) === "number" ? { max: bound(spec.high) as number } : {})}
        onInput={(event) => Number.isFinite(event.currentTarget.valueAsNumber) && setValue(event.currentTarget.valueAsNumber)}
      />
      <input type="hidden" name={`param.${name}`} value={Math.round(value * scale)} />
      <small>{said(spec.text)}</small>
    </label>
  );
}
