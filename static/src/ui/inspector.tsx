/** The inspector: what is selected, field by field, with the paper's names; and the inbox of a node. */
import type { RoomModel } from "../model/room.ts";
import type { Selection } from "../model/types.ts";
import type { App } from "./app.ts";
import { useModel } from "./context.tsx";
import { EventDetails } from "./inspectevent.tsx";
import { HostDetails } from "./inspecthost.tsx";
import { EntryDetails, LinkDetails, MessageDetails } from "./inspectthings.tsx";
import { text } from "./text.ts";

export default function Inspector() {
  const { app, model } = useModel();
  const { selection } = model;
  return (
    <section class="panel inspector" aria-label={text("Inspector")}>
      <h2 class="unseen">{text("Inspector")}</h2>
      {selection === null ? <Nothing app={app} model={model} /> : <Chosen app={app} model={model} selection={selection} />}
    </section>
  );
}

/** With nothing selected the last event is of interest. */
function Nothing({ app, model }: { app: App; model: RoomModel }) {
  const event = model.store.get(model.world.seq);
  return (
    <>
      <p class="empty">{text("Select a node, a link, a message, an entry or an event to see what is in it.")}</p>
      {event && <EventDetails app={app} model={model} event={event} />}
    </>
  );
}

function Chosen({ app, model, selection }: { app: App; model: RoomModel; selection: Selection }) {
  switch (selection.kind) {
    case "host":
      return <HostDetails id={selection.host} />;
    case "link":
      return <LinkDetails app={app} model={model} src={selection.src} dst={selection.dst} />;
    case "message":
      return <MessageDetails app={app} model={model} id={selection.id} {...(selection.seq === undefined ? {} : { seq: selection.seq })} />;
    case "entry":
      return <EntryDetails app={app} model={model} host={selection.host} field={selection.field} position={selection.position} />;
    case "event": {
      const event = model.store.get(selection.seq);
      if (event) return <EventDetails app={app} model={model} event={event} />;
      void app.history.around(selection.seq);
      return <p class="empty">{text("Event {seq} is being fetched.", { seq: selection.seq })}</p>;
    }
  }
}
