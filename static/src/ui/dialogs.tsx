/** Which dialog is open; and those that make no command: keys, people, options, the set-up. */
import { useState } from "preact/hooks";
import type { OpenDialog } from "./app.ts";
import { BranchesDialog, CompareBranches, DeleteBranch } from "./branchdialogs.tsx";
import { ClaimDialog } from "./claim.tsx";
import { Dialog, useModel } from "./context.tsx";
import { ClockForm, DelayForm, DialsForm, LinkForm, RulesForm } from "./forms.tsx";
import { PartitionForm, RequestForm } from "./hostforms.tsx";
import { BINDINGS, keyLabel } from "./keys.ts";
import { Legend } from "./legend.tsx";
import { LinkDialog } from "./linkdialog.tsx";
import { recall } from "./memory.ts";
import { personName } from "./people.ts";
import { InForce, NewRoom } from "./setupdialogs.tsx";
import { TakeAway } from "./takeaway.tsx";
import { text } from "./text.ts";
import { SaveDialog } from "./savedialog.tsx";
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
    case "branches":
      return <BranchesDialog onClose={props.onClose} />;
    case "delete_branch":
      return <DeleteBranch {...props} />;
    case "compare_branches":
      return <CompareBranches {...props} />;
    case "claim":
      return <ClaimDialog onClose={props.onClose} />;
    case "help":
      return <Help onClose={props.onClose} />;
    case "people":
      return <People onClose={props.onClose} />;
    case "save":
      return <SaveDialog onClose={props.onClose} />;
    case "share":
      return <LinkDialog onClose={props.onClose} />;
    case "take":
      return <TakeAway onClose={props.onClose} />;
    case "setup":
      return <NewRoom onClose={props.onClose} />;
    case "inforce":
      return <InForce onClose={props.onClose} />;
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
      <p class="note">{text("In the tree of branches arrows move, Enter goes there, F2 renames, Delete asks and deletes.")}</p>
      <h3>{text("What the picture says")}</h3>
      <Legend protocol={model.protocol} absent={model.absent} />
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
