/** The dialogs in which hosts are chosen: a client's request, and a partition. */
import { useState } from "preact/hooks";
import type { RoomModel } from "../model/room.ts";
import type { ClientOperation, Command, HostId } from "../model/types.ts";
import { partitionCommand } from "./actcommands.ts";
import { hostIds } from "./scene.ts";
import { useModel } from "./context.tsx";
import { CommandForm, targetHost, type FormProps } from "./forms.tsx";
import { clamp } from "./format.ts";
import { argumentOf, firstFields, marksOf, nodeChoice, operationOf } from "./requests.ts";
import { said, text } from "./text.ts";

/** Characters, as the server takes them. */
const KEY_MAX = 16;
const VALUE_MAX = 64;

/* ------------------------------------------------------------------ client request */

export function RequestForm({ open, onClose }: FormProps) {
  const { model } = useModel();
  const { operations } = model.protocol;
  const named = targetHost(open.target);
  const isClient = model.world.hosts[named]?.kind === "client";
  const [client, setClient] = useState(isClient ? named : (model.clients[0] ?? ""));
  const [to, setTo] = useState(named && !isClient ? named : "");
  const [name, setName] = useState((operations.find((each) => each.name === "put") ?? operations[0])?.name ?? "");
  const [fields, setFields] = useState(() => firstFields(model, model.nodes));
  const operation = operations.find((each) => each.name === name);
  const reasons = [...new Set(operations.flatMap((each) => model.refused[each.name] ?? []))];
  const refusal = model.refused[name] === undefined ? null : said(model.refused[name]!);
  const commands = (): Command[] | string => {
    if (!operation) return text("In this protocol clients ask for nothing.");
    const asked: ClientOperation = operationOf(operation, model.protocol, fields);
    return [{ type: "request", client, operation: asked, ...(to ? { to } : {}) }];
  };
  return (
    <CommandForm title={text("Client request")} submit={text("Send the request")} onClose={onClose} commands={commands} refusal={refusal} wide>
      <div class="pair">
        <label class="field">
          <span>{text("Client")}</span>
          <select value={client} onChange={(event) => setClient(event.currentTarget.value)}>
            {model.clients.map((id) => (
              <option key={id}>{id}</option>
            ))}
          </select>
        </label>
        <label class="field">
          <span>{text("To")}</span>
          <select value={to} onChange={(event) => setTo(event.currentTarget.value)}>
            <option value="">{text("its own choice")}</option>
            <NodeOptions model={model} />
          </select>
        </label>
      </div>
      <fieldset>
        <legend>{text("Operation")}</legend>
        <div class="choices">
          {operations.map((each) => (
            <OperationChoice key={each.name} name={each.name} title={said(each.title)} chosen={each.name === name} why={reasons.indexOf(model.refused[each.name] ?? "")} choose={() => setName(each.name)} />
          ))}
        </div>
        {reasons.map((reason, index) => (
          <p class="note refused" key={reason} id={`why-${index}`}>
            <span aria-hidden="true">⊘ </span>
            {said(reason)}
          </p>
        ))}
        {operation && <p class="note">{said(operation.text)}</p>}
      </fieldset>
      {operation?.args.includes("expect") && <p class="note">{text("An empty field means: nothing is there.")}</p>}
      <div class="pair">
        {(operation?.args ?? []).map((arg) => (
          <ArgumentField key={arg} model={model} arg={arg} value={fields[arg] ?? ""} onValue={(value) => setFields({ ...fields, [arg]: value })} />
        ))}
      </div>
    </CommandForm>
  );
}

/** One that can't be done is grey and points to why (-1: it can), and may be chosen all the same, to be read about. */
function OperationChoice({ name, title, chosen, why, choose }: { name: string; title: string; chosen: boolean; why: number; choose: () => void }) {
  const refused = why >= 0;
  return (
    <label class={`choice${refused ? " refused" : ""}`}>
      <input type="radio" name="operation" value={name} checked={chosen} aria-disabled={refused} {...(refused ? { "aria-describedby": `why-${why}` } : {})} onChange={choose} />
      <span>
        {refused && <span aria-hidden="true">⊘ </span>}
        {title} <code>{name}</code>
      </span>
    </label>
  );
}

function NodeOptions({ model }: { model: RoomModel }) {
  return (
    <>
      {model.nodes.map((id) => (
        <option key={id} value={id}>
          {nodeChoice(model, id)}
        </option>
      ))}
    </>
  );
}

/** A field for an argument, by its kind: what is typed, one node, or several. */
function ArgumentField({ model, arg, value, onValue }: { model: RoomModel; arg: string; value: string; onValue: (value: string) => void }) {
  const { label, kind } = argumentOf(arg, model.protocol);
  if (kind === "nodes") return <NodesField model={model} label={label} value={value} onValue={onValue} />;
  return (
    <label class="field">
      <span>{label}</span>
      {kind === "node" ? (
        <select value={value} onChange={(event) => onValue(event.currentTarget.value)}>
          <NodeOptions model={model} />
        </select>
      ) : kind === "number" ? (
        <input type="number" step={1} required value={value} onInput={(event) => onValue(event.currentTarget.value)} />
      ) : (
        <input type="text" maxLength={arg === "key" ? KEY_MAX : VALUE_MAX} value={value} required={arg === "key"} onInput={(event) => onValue(event.currentTarget.value)} />
      )}
    </label>
  );
}

function NodesField({ model, label, value, onValue }: { model: RoomModel; label: string; value: string; onValue: (value: string) => void }) {
  const chosen = value.split(" ").filter(Boolean);
  const toggle = (id: HostId): void => onValue(model.nodes.filter((node) => (node === id) !== chosen.includes(node)).join(" "));
  return (
    <fieldset class="nodes-field">
      <legend>{label}</legend>
      {model.nodes.map((id) => (
        <label class="choice" key={id}>
          <input type="checkbox" checked={chosen.includes(id)} onChange={() => toggle(id)} />
          <span>{nodeChoice(model, id)}</span>
        </label>
      ))}
    </fieldset>
  );
}

/* ------------------------------------------------------------------ partition */

const LETTERS = ["A", "B", "C", "D", "E"];

function startGroups(model: RoomModel, chosen: HostId[] | undefined): Record<HostId, string> {
  const choice: Record<HostId, string> = {};
  const { groups } = model.world;
  hostIds(model.world).forEach((id, index) => {
    if (chosen) choice[id] = chosen.includes(id) ? "A" : "B";
    else if (groups) choice[id] = LETTERS[groups.findIndex((group) => group.includes(id))] ?? "";
    else choice[id] = model.world.hosts[id]?.kind === "client" ? "" : index < Math.floor(model.nodes.length / 2) ? "A" : "B";
  });
  return choice;
}

export function PartitionForm({ open, onClose }: FormProps) {
  const { model } = useModel();
  const [choice, setChoice] = useState(() => startGroups(model, open.chosen));
  const ids = hostIds(model.world);
  // One group more than there are, so that there is always another one to choose, and no table of empty columns.
  const used = LETTERS.reduce((most, letter, index) => (ids.some((id) => choice[id] === letter) ? index + 1 : most), 0);
  const shown = LETTERS.slice(0, clamp(used + 1, 2, Math.min(ids.length, LETTERS.length)));
  const majority = Math.floor(model.nodes.length / 2) + 1;
  const sizes = shown.map((letter) => model.nodes.filter((id) => choice[id] === letter).length);
  const commands = (): Command[] | string => {
    const command = partitionCommand(choice);
    return typeof command === "string" ? command : [command];
  };
  return (
    <CommandForm title={text("Partition")} submit={text("Cut the groups apart")} onClose={onClose} commands={commands} wide>
      <p class="note">{text("Hosts in different groups cannot talk; a host in no group talks to all.")}</p>
      <div class="table-scroll">
        <table class="groups">
          <thead>
            <tr>
              <td />
              {shown.map((letter) => (
                <th scope="col" key={letter}>
                  {text("Group {letter}", { letter })}
                </th>
              ))}
              <th scope="col">{text("no group")}</th>
            </tr>
          </thead>
          <tbody>
            {ids.map((id) => (
              <tr key={id}>
                <th scope="row">
                  {id}
                  <Marks model={model} id={id} />
                </th>
                {[...shown, ""].map((letter) => (
                  <td key={letter}>
                    <input
                      type="checkbox"
                      checked={(choice[id] ?? "") === letter}
                      aria-label={letter ? text("{host} in group {letter}", { host: id, letter }) : text("{host} in no group", { host: id })}
                      onChange={() => setChoice({ ...choice, [id]: choice[id] === letter ? "" : letter })}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">{text("nodes")}</th>
              {sizes.map((size, index) => (
                <td key={index}>
                  {size}
                  {size >= majority && <small> {text("majority")}</small>}
                </td>
              ))}
              <td />
            </tr>
          </tfoot>
        </table>
      </div>
    </CommandForm>
  );
}

/** Who leads, or campaigns, or is down: in a partition that is what matters. */
function Marks({ model, id }: { model: RoomModel; id: HostId }) {
  const marks = marksOf(model, id);
  return marks ? (
    <span class="role-mark">
      <b aria-hidden="true">{marks.letter}</b> {marks.words}
    </span>
  ) : null;
}
