/** The row over the stage: which events and messages are shown, and the acts on the whole cluster. */
import type { Filter } from "./app.ts";
import { useModel } from "./context.tsx";
import { lazy, soon } from "./lazy.tsx";
import { SetupLine } from "./setupline.tsx";
import { text } from "./text.ts";

/** Acts that have a button here, in the order of the acts, and what is on it. */
export const STAGE_ACTS: Record<string, () => string> = {
  partition: () => text("Partition"),
  heal: () => text("Heal"),
  request_any: () => text("Request"),
  dials: () => text("Dials"),
  rules: () => text("Rules"),
};

/** The same row, which can do nothing yet: the stage under it must not jump. */
const StageActs = lazy(soon, ({ StageActs }) => StageActs, () =>
  Object.entries(STAGE_ACTS).map(([id, label]) => (
    <button key={id} type="button" class="small" aria-disabled="true">
      {label()}
    </button>
  )),
);

export function StageTools() {
  return (
    <div class="stage-tools">
      <FilterSwitch />
      <SetupLine />
      <div class="acts" role="toolbar" aria-label={text("Acts on the cluster")}>
        <StageActs />
      </div>
    </div>
  );
}

function FilterSwitch() {
  const { app } = useModel();
  const choices: [Filter, string][] = [
    ["focus", text("Focus")],
    ["context", text("Context")],
    ["all", text("All")],
  ];
  return (
    <div class="segmented" role="radiogroup" aria-label={text("Which events and messages are shown")}>
      {choices.map(([value, label]) => (
        <label key={value}>
          <input type="radio" name="filter" value={value} checked={app.filter.value === value} onChange={() => app.setFilter(value)} />
          <span>{label}</span>
        </label>
      ))}
    </div>
  );
}
