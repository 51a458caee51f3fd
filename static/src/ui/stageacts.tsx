/** The buttons over the stage: acts on the whole cluster, and on what is selected. */
import { clusterActs } from "./acts.ts";
import type { RoomModel } from "../model/room.ts";
import { useModel } from "./context.tsx";
import { STAGE_ACTS } from "./stagetools.tsx";
import { said, text } from "./text.ts";
import { ActButton } from "./widgets.tsx";

export function StageActs() {
  const { app } = useModel();
  const scene = app.scene();
  const acts = scene ? clusterActs(scene).filter((act) => act.id in STAGE_ACTS) : [];
  return (
    <>
      {acts.map((act) => (
        <ActButton key={act.id} app={app} act={act} target={{ kind: "cluster" }} label={STAGE_ACTS[act.id]!()} />
      ))}
    </>
  );
}

/** What the selected thing is called on its button; null where nothing can be done to it. */
function nameOf({ selection, world, protocol }: RoomModel): string | null {
  if (selection?.kind === "host") return selection.host;
  if (selection?.kind === "link") return `${selection.src} → ${selection.dst}`;
  const flight = selection?.kind === "message" ? world.flights[String(selection.id)] : undefined;
  return flight ? said(protocol.messages[flight.type]?.label ?? flight.type) : null;
}

/** The way to the acts of what is selected that one can see; a second click, a right click and a key lead there too. */
export function SelectedActs() {
  const { app, model } = useModel();
  const { selection } = model;
  const name = nameOf(model);
  if (!selection || name === null) return null;
  return (
    <div class="selected-acts">
      <button
        type="button"
        class="small"
        aria-haspopup="menu"
        aria-keyshortcuts="a"
        onClick={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          app.menu.value = { target: selection, x: box.left, y: box.bottom, opener: event.currentTarget };
        }}
      >
        {text("Acts of {name}", { name })} ⋯
      </button>
    </div>
  );
}
