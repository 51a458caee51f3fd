/** How the room is set up, in a line over the picture; and who the members are, where they change. */
import { hasRoster, versionsOf, type Part } from "../model/roster.ts";
import { useModel } from "./context.tsx";
import { chipsOf } from "./setup.ts";
import { said, text } from "./text.ts";

/** One button: what differs, as far as there is room, and how much that is. It opens the whole list. */
export function SetupLine() {
  const { app, model } = useModel();
  const chips = chipsOf(model);
  const name = chips.length ? text("Set-up: {settings}", { settings: chips.map(({ label }) => label).join(", ") }) : text("Set-up: as it comes");
  return (
    <button type="button" class="setup-line" aria-haspopup="dialog" aria-label={name} title={name} onClick={() => (app.dialog.value = { name: "inforce", target: { kind: "cluster" } })}>
      <span class="setup-count">{chips.length ? text("Set-up: {n}", { n: chips.length }) : text("Set-up")}</span>
      {chips.length ? (
        <span class="setup-chips">
          {chips.map(({ label, tone }) => (
            <span key={label} class={`setup-chip ${tone}`}>
              {label}
            </span>
          ))}
        </span>
      ) : (
        <span class="setup-usual">{text("usual")}</span>
      )}
      <span aria-hidden="true">▾</span>
    </button>
  );
}

/** What the nodes go by, in full words; where they differ, who goes by what. Its height is always the same. */
export function RosterLine() {
  const { model } = useModel();
  const spec = model.protocol.view.roster;
  if (!hasRoster(spec, model.world)) return null;
  const versions = versionsOf(spec, model.world, model.nodes);
  return (
    <section class="roster" aria-label={said(spec.title)} tabIndex={0}>
      <b>{said(spec.title)}</b>
      <ul>
        {versions.map(({ nodes, parts, usual }) => (
          <li key={nodes.join()}>
            {versions.length > 1 && <span class="roster-who">{text("{nodes} go by", { nodes: nodes.join(" ") })}</span>}
            {usual ? text("all nodes") : <Parts parts={parts} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Parts({ parts }: { parts: Part[] }) {
  return (
    <>
      {parts.map(({ label, nodes }) => (
        <span key={label} class="roster-part">
          {said(label)} <b>{nodes.join(" ")}</b>
        </span>
      ))}
    </>
  );
}
