/** What the parts of the inspector share: a heading, and how fields are told. */
import { byKey } from "../model/grids.ts";
import { partsOf } from "../model/roster.ts";
import type { RoomModel } from "../model/room.ts";
import { isLogWindow, type FieldValue, type Value } from "../model/types.ts";
import type { App, Target } from "./app.ts";
import { show } from "./format.ts";
import { rosterText } from "./setup.ts";
import { said, text } from "./text.ts";

export function Head({ title, note, app, target }: { title: string; note?: string; app: App; target?: Target }) {
  return (
    <header class="inspector-head">
      <h3>{title}</h3>
      {note && <span class="note">{note}</span>}
      {target && (
        <button
          type="button"
          class="small"
          aria-haspopup="menu"
          aria-label={text("Acts on {name}", { name: title })}
          onClick={(event) => {
            const box = event.currentTarget.getBoundingClientRect();
            app.menu.value = { target, x: box.left, y: box.bottom, opener: event.currentTarget };
          }}
        >
          {text("Acts")} ▾
        </button>
      )}
    </header>
  );
}

export function Pairs({ pairs }: { pairs: [string, string][] }) {
  return (
    <dl class="fields-list">
      {pairs.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/* ------------------------------------------------------------------ fields */

export function fieldLabel(model: RoomModel, name: string): string {
  const spec = model.protocol.fields[name];
  return spec ? said(spec.label) : name;
}

/** Whether a crash leaves the field: a rule that is off may have taken that away. */
export function isDurable({ protocol, world }: Pick<RoomModel, "protocol" | "world">, name: string): boolean {
  const spec = protocol.fields[name];
  return spec?.durable === true && (!spec.unless || world.rules[spec.unless] !== false);
}

export function isDict(value: FieldValue | undefined): value is Record<string, Value> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isLogWindow(value) && !("name" in value);
}

/** What nodes go by in words, where the value is that; null: it is something else. */
export function rosterOf(model: RoomModel, value: FieldValue | undefined): string | null {
  const { roster } = model.protocol.view;
  const parts = roster ? partsOf(roster, value) : null;
  return parts && rosterText(parts);
}

export function fieldText(value: FieldValue | undefined): string {
  if (!isLogWindow(value)) return show(value as Value | undefined);
  const last = value.items[value.items.length - 1];
  if (!last) return text("empty");
  return text("{length} entries, the last {entry}", { length: value.length, entry: last });
}

/** Keys of a dict that are listed one below the other; of more, the last ones. */
const KEYS_SHOWN = 12;

/** A field's value; a dict with something to read in it as a line for each key. */
export function FieldBody({ model, value }: { model: RoomModel; value: FieldValue | undefined }) {
  const words = rosterOf(model, value);
  if (words !== null) return <dd>{words}</dd>;
  if (!isDict(value) || !(Object.keys(value).length > 4 || Object.values(value).some((each) => typeof each === "object" && each !== null))) return <dd>{fieldText(value)}</dd>;
  const keys = Object.keys(value).sort(byKey);
  const hidden = Math.max(0, keys.length - KEYS_SHOWN);
  return (
    <dd>
      {hidden > 0 && <span class="note">{text("and {n} more", { n: hidden })}</span>}
      <ul class="pairs">
        {keys.slice(hidden).map((key) => (
          <li key={key}>
            {key}: {show(value[key])}
          </li>
        ))}
      </ul>
    </dd>
  );
}
