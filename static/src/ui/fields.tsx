/** Fields that forms of several pages have: a protocol, a whole number, a tunable. */
import type { Setting } from "../model/comparison.ts";
import type { Grouped } from "../model/forms.ts";
import type { ParamSpec } from "../model/types.ts";
import { said, text } from "./text.ts";

interface Families {
  families: Record<string, string>;
  protocols: { name: string; title: string; family: string }[];
}

export function ProtocolSelect({ choices, value, onValue }: { choices: Families; value: string; onValue: (name: string) => void }) {
  return (
    <select value={value} onChange={(event) => onValue(event.currentTarget.value)}>
      {Object.entries(choices.families).map(([family, title]) => {
        const members = choices.protocols.filter((each) => each.family === family);
        return members.length ? (
          <optgroup key={family} label={said(title)}>
            {members.map(({ name, title }) => (
              <option key={name} value={name}>
                {said(title)}
              </option>
            ))}
          </optgroup>
        ) : null;
      })}
    </select>
  );
}

export function Whole(props: { label: string; value: number; low: number; high: number; onValue: (value: number) => void; help?: string }) {
  return (
    <label class="field">
      <span>{props.label}</span>
      <input type="number" inputMode="numeric" required step={1} min={props.low} max={props.high} value={props.value} onInput={(event) => Number.isInteger(event.currentTarget.valueAsNumber) && props.onValue(event.currentTarget.valueAsNumber)} />
      {props.help && <small>{props.help}</small>}
    </label>
  );
}

/** All tunables in their groups; `onTune` is told null where one is as it comes again. */
export function Dials({ of, groups, values, onTune }: { of: string; groups: Grouped<ParamSpec>; values: Record<string, Setting>; onTune: (name: string, value: Setting | null) => void }) {
  return (
    <>
      {groups.map(({ title, params }) => (
        <fieldset class="group" key={title}>
          {title && <legend>{said(title)}</legend>}
          <div class="fields">
            {params.map(([name, param]) => (
              <Dial key={`${of}.${name}`} param={param} value={values[name] ?? param.default} onValue={(value) => onTune(name, value === param.default ? null : value)} />
            ))}
          </div>
        </fieldset>
      ))}
    </>
  );
}

/** A tunable as a field; times are typed in milliseconds. */
function Dial({ param, value, onValue }: { param: ParamSpec; value: Setting; onValue: (value: Setting) => void }) {
  const help = <small>{said(param.text)}</small>;
  if (param.unit === "switch") {
    return (
      <label class="field check">
        <input type="checkbox" checked={value === true} onChange={(event) => onValue(event.currentTarget.checked)} />
        <span>{said(param.title)}</span>
        {help}
      </label>
    );
  }
  if (param.unit === "choice") {
    return (
      <label class="field">
        <span>{said(param.title)}</span>
        <select value={String(value)} onChange={(event) => onValue(event.currentTarget.value)}>
          {Object.entries(param.choices ?? {}).map(([word, label]) => (
            <option key={word} value={word}>
              {said(label)}
            </option>
          ))}
        </select>
        {help}
      </label>
    );
  }
  const scale = param.unit === "µs" ? 1000 : 1;
  const unit = param.unit === "µs" ? ` (${text("ms")})` : param.unit === "percent" ? " (%)" : "";
  return (
    <label class="field">
      <span>
        {said(param.title)}
        {unit}
      </span>
      <input
        type="number"
        inputMode="decimal"
        step="any"
        min={(param.low ?? 0) / scale}
        max={(param.high ?? 0) / scale}
        value={Number(value) / scale}
        onInput={(event) => Number.isFinite(event.currentTarget.valueAsNumber) && onValue(Math.round(event.currentTarget.valueAsNumber * scale))}
      />
      {help}
    </label>
  );
}
