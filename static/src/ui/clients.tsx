/** What clients asked for and what came back: the verdict, their lanes over time, and the same as a table. */
import { standingEvent, type Standing } from "../model/judged.ts";
import type { RoomModel } from "../model/room.ts";
import { clusterActs } from "./acts.ts";
import type { App } from "./app.ts";
import { Icon, Slot, useModel } from "./context.tsx";
import { moment, span } from "./format.ts";
import { requestText } from "./requests.ts";
import { jumpToBad } from "./panels.tsx";
import { answerLabel } from "./sentences.ts";
import { said, text } from "./text.ts";
import { ActButton, Jump } from "./widgets.tsx";

const OPERATIONS_SHOWN = 60;
const LINEARIZABLE = "linearizable";

export function Clients({ lanes }: { lanes: HTMLElement }) {
  const { app, model } = useModel();
  const all = model.standings();
  const request = app.scene() && clusterActs(app.scene()!).find((act) => act.id === "request_any");
  return (
    <section class="panel clients" aria-label={text("Clients")} style={{ "--clients": model.clients.length, "--nodes": model.nodes.length }}>
      {model.clients.length > 0 && <VerdictLine app={app} model={model} />}
      {model.clients.length > 0 && <Slot element={lanes} class="lanes-slot" />}
      {model.clients.length > 0 && <Explained model={model} all={all} />}
      <Notes model={model} />
      <div class="panel-tools">
        <span class="note">{text("operations: {n}", { n: all.length })}</span>
        {request && <ActButton app={app} act={request} target={{ kind: "cluster" }} />}
      </div>
      {all.length === 0 && <p class="empty">{model.clients.length ? text("No client has asked for anything yet.") : text("This room has no client.")}</p>}
      {all.length > 0 && <Table app={app} model={model} shown={all.slice(-OPERATIONS_SHOWN).reverse()} />}
    </section>
  );
}

/* ------------------------------------------------------------------ the verdict */

function VerdictLine({ app, model }: { app: App; model: RoomModel }) {
  if (!model.protocol.properties[LINEARIZABLE]) {
    return model.protocol.no_service ? <p class="clients-verdict none">{said(model.protocol.no_service)}</p> : null;
  }
  const { state, since, detail } = model.property(LINEARIZABLE);
  const { errors } = model.judgement();
  const bad = detail ?? since;
  return (
    <p class={`clients-verdict ${state}`}>
      <Icon name={state === "broken" ? "bad" : state === "waiting" ? "wait" : "good"} />
      <b>
        {state === "broken"
          ? text("Not linearizable. Errors: {n}", { n: Math.max(1, errors.size) })
          : state === "waiting"
            ? text("Linearizable? Not decided yet.")
            : text("Linearizable so far.")}
      </b>
      {state === "broken" && (
        <button type="button" class="small bad" onClick={() => void jumpToBad(app, model, bad)}>
          {text("Jump to the first error")}
        </button>
      )}
    </p>
  );
}

/** What is not promised, and of what nothing is said. */
function Notes({ model }: { model: RoomModel }) {
  if (!model.protocol.properties[LINEARIZABLE]) return null;
  const { state } = model.property(LINEARIZABLE);
  const { givenUp } = model.judgement();
  const reason = model.disclaimed[LINEARIZABLE];
  const assumes = model.protocol.properties[LINEARIZABLE]?.assumes;
  return (
    <>
      {reason !== undefined && (
        <p class="note">
          {text("This protocol with these tunables does not promise it.")} {said(reason)}
        </p>
      )}
      {reason === undefined && state === "broken" && assumes && (
        <p class="note">
          {text("Promised only if:")} {said(assumes)}
        </p>
      )}
      {givenUp.size > 0 && (
        <p class="note">{text("Of {keys} nothing more is said: too many operations have an unknown outcome.", { keys: [...givenUp].join(", ") })}</p>
      )}
    </>
  );
}

/** The selected operation in words, or how to read the lanes; the same room for both. */
function Explained({ model, all }: { model: RoomModel; all: Standing[] }) {
  const seq = model.selection?.kind === "event" ? model.selection.seq : null;
  const chosen = all.find((each) => standingEvent(each, seq) !== null);
  const judged = model.protocol.properties[LINEARIZABLE] !== undefined;
  if (!chosen && !judged) return null;
  return (
    <p class="lanes-said">
      {chosen
        ? `${chosen.operation.id}, ${requestText(chosen.operation.operation, model.protocol)}: ${standingText(chosen)}`
        : text("A dot is a moment at which it may have taken effect. Open: waiting. Hatched: outcome unknown. Crossed out: no order explains it.")}
    </p>
  );
}

/** How an operation stands, in words. */
function standingText(each: Standing): string {
  const { operation, key, place, error, against } = each;
  if (error) return text("No order explains it.");
  if (against.length) return text("It contradicts {ids}.", { ids: against.join(", ") });
  if (place !== null) return key ? text("number {n} of {key}", { n: place, key }) : text("number {n}", { n: place });
  if (operation.outcome === "failed") return text("It had no effect.");
  if (operation.outcome === "unknown") return text("It may have taken effect, or may yet.");
  return operation.returned === null ? text("It waits for its answer.") : "–";
}

/* ------------------------------------------------------------------ the same as a table */

function Table({ app, model, shown }: { app: App; model: RoomModel; shown: Standing[] }) {
  const judged = model.protocol.properties[LINEARIZABLE] !== undefined;
  const seq = model.selection?.kind === "event" ? model.selection.seq : null;
  return (
    <table class="operations">
      <thead>
        <tr>
          <th scope="col">{text("client")}</th>
          <th scope="col">{text("asked")}</th>
          <th scope="col">{text("when")}</th>
          <th scope="col">{text("came back")}</th>
          {judged && <th scope="col">{text("order")}</th>}
        </tr>
      </thead>
      <tbody>
        {shown.map((each) => (
          <Row key={each.operation.id} app={app} model={model} each={each} judged={judged} chosen={standingEvent(each, seq) !== null} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ app, model, each, judged, chosen }: { app: App; model: RoomModel; each: Standing; judged: boolean; chosen: boolean }) {
  const { operation } = each;
  const bad = each.error ? "impossible" : each.against.length ? "against" : "";
  return (
    <tr class={`outcome-${operation.outcome ?? "waiting"} ${bad} ${chosen ? "chosen" : ""}`} aria-current={chosen}>
      <td>{operation.client}</td>
      <td>
        <code>{requestText(operation.operation, model.protocol)}</code>
      </td>
      <td>
        <Jump app={app} model={model} seq={operation.invoked_seq} label={moment(operation.invoked)} />
      </td>
      <td>
        <b class="outcome">{answerLabel(operation.operation, operation.outcome, operation.result)}</b>
        {operation.returned !== null && operation.returned_seq !== null && (
          <>
            {" "}
            <Jump app={app} model={model} seq={operation.returned_seq} label={text("after {time}", { time: span(operation.returned - operation.invoked) })} />
          </>
        )}
      </td>
      {judged && (
        <td class="standing">
          {each.error && <Icon name="bad" />}
          {standingText(each)}
        </td>
      )}
    </tr>
  );
}
