/** Which dialog is open; and those that make no command: keys, people, options, a new room. */
import { useState } from "preact/hooks";
import type { ParamSpec } from "../model/types.ts";
import type { OpenDialog } from "./app.ts";
import { Dialog, useModel } from "./context.tsx";
import { ClockForm, DelayForm, DialsForm, LinkForm, PartitionForm, RequestForm, RulesForm } from "./forms.tsx";
import { BINDINGS, keyLabel } from "./keys.ts";
import { Legend } from "./legend.tsx";
import { recall } from "./memory.ts";
import { personName } from "./people.ts";
import { TakeAway } from "./takeaway.tsx";
import { said, text } from "./text.ts";
import { UntilDialog } from "./untildialog.tsx";

export default function OpenOne(props: { open: OpenDialog; onClose: () => void }) {
  switch (props.open.name) {
    case "clock":
      return <ClockForm {...props} />;
    case "link":
      return <LinkForm {...props} />;
    case "delay":
      return <DelayForm {...props} />;
    case "request":
      return <RequestForm {...props} />;
    case "partition":
      return <PartitionForm {...props} />;
    case "dials":
      return <DialsForm {...props} />;
    case "rules":
      return <RulesForm {...props} />;
    case "until":
      return <UntilDialog onClose={props.onClose} />;
    case "help":
      return <Help onClose={props.onClose} />;
    case "people":
      return <People onClose={props.onClose} />;
    case "take":
      return <TakeAway onClose={props.onClose} />;
    case "setup":
      return <Setup onClose={props.onClose} />;
  }
}

/* ------------------------------------------------------------------ the keyboard map */

function Help({ onClose }: { onClose: () => void }) {
  const { model } = useModel();
  const selection: [string, string][] = [
    ["c", text("Crash the node")],
    ["r", text("Restart it, disk kept")],
    ["z", text("Pause it, or resume it")],
    ["x", text("Cut off the node; cut or mend the link")],
    ["b", text("Cut or mend the link in both directions")],
    ["h", text("Hold or release the link")],
    ["d", text("Drop the message")],
    ["u", text("Duplicate the message")],
    ["l", text("Delay the message")],
    ["n", text("Deliver the message now")],
    ["q", text("Client request")],
    ["p", text("Partition")],
    ["e", text("Heal the partition")],
    ["i", text("Delay and loss of all links")],
    ["o", text("Rules")],
  ];
  return (
    <Dialog title={text("Keys")} onClose={onClose} closeLabel={text("Close")} wide>
      <div class="key-columns">
        <dl class="keys">
          {BINDINGS.map((binding) => (
            <div key={binding.act}>
              <dt>
                {binding.keys.map((key) => (
                  <kbd key={key}>{keyLabel(key)}</kbd>
                ))}
              </dt>
              <dd>{binding.label()}</dd>
            </div>
          ))}
        </dl>
        <dl class="keys">
          {selection.map(([key, label]) => (
            <div key={key}>
              <dt>
                <kbd>{keyLabel(key)}</kbd>
              </dt>
              <dd>{label}</dd>
            </div>
          ))}
        </dl>
      </div>
      <p class="note">{text("Acts are for what is selected. In a text field keys only write.")}</p>
      <h3>{text("What the picture says")}</h3>
      <Legend protocol={model.protocol} />
    </Dialog>
  );
}

/* ------------------------------------------------------------------ people and controls */

function People({ onClose }: { onClose: () => void }) {
  const { app, model } = useModel();
  const [name, setName] = useState(recall().name);
  const presenter = model.you.role === "presenter";
  const hand = (to: string): void => void app.ask({ type: "controls", to });
  const holder = model.people.find((person) => person.id === model.controls);
  return (
    <Dialog title={text("People and controls")} onClose={onClose} closeLabel={text("Close")}>
      <form
        class="form inline"
        onSubmit={(event) => {
          event.preventDefault();
          app.setName(name.trim());
        }}
      >
        <label class="field">
          <span>{text("Your name")}</span>
          <input type="text" maxLength={40} value={name} autoComplete="nickname" onInput={(event) => setName(event.currentTarget.value)} />
        </label>
        <button type="submit">{text("Use it")}</button>
      </form>
      {presenter && (
        <fieldset>
          <legend>{text("Who has the controls?")}</legend>
          <div class="row">
            <button type="button" aria-pressed={model.controls === "presenter"} onClick={() => hand("presenter")}>
              {text("The presenter alone")}
            </button>
            <button type="button" aria-pressed={model.controls === "all"} onClick={() => hand("all")}>
              {text("Everybody")}
            </button>
            {holder && (
              <button type="button" aria-pressed="true" onClick={() => hand(holder.id)}>
                {text("The presenter and {name}", { name: personName(holder) })}
              </button>
            )}
          </div>
        </fieldset>
      )}
      <h3>{text("In the room: {n}", { n: app.peopleCount.value })}</h3>
      <ul class="people">
        {model.people.map((person) => (
          <li key={person.id}>
            <span>
              {personName(person)}
              {person.id === model.you.id && " · "}
              {person.id === model.you.id && text("you")}
            </span>
            <span class="note">
              {person.role === "presenter" ? text("presenter") : text("viewer")}
              {person.may_control && " · "}
              {person.may_control && text("has the controls")}
            </span>
            {presenter && person.role !== "presenter" && <GiveButton name={personName(person)} has={model.controls === person.id} hand={hand} to={person.id} />}
          </li>
        ))}
      </ul>
      <p class="note">{text("Everybody with the address of this page watches; it is the invitation.")}</p>
    </Dialog>
  );
}

/** The presenter keeps the controls in any case: they are shared, with one person more. */
function GiveButton({ name, has, to, hand }: { name: string; has: boolean; to: string; hand: (to: string) => void }) {
  return has ? (
    <button type="button" class="small" aria-label={text("Take back the controls from {name}", { name })} onClick={() => hand("presenter")}>
      {text("Take back")}
    </button>
  ) : (
    <button type="button" class="small" aria-label={text("Give controls to {name}", { name })} onClick={() => hand(to)}>
      {text("Give controls")}
    </button>
  );
}

/* ------------------------------------------------------------------ a new room */

function Setup({ onClose }: { onClose: () => void }) {
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
          {Object.entries(protocol.params).map(([name, spec]) => (
            <Param key={name} name={name} spec={spec} current={setup.params[name] ?? spec.default} />
          ))}
        </div>
        <div class="row end">
          <button type="button" onClick={() => void app.saveRecording()}>
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
