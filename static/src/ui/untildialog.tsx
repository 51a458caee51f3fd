/** The dialog of "run until". */
import { useState } from "preact/hooks";
import type { Protocol } from "../model/types.ts";
import { Dialog, useModel } from "./context.tsx";
import { moment } from "./format.ts";
import { said, text } from "./text.ts";
import { parseUntil } from "./until.ts";

/** What becomes final in this protocol: an entry of a log, a decision, a value. */
function finality({ family, view }: Protocol): string {
  if (family === "commit") return text("the next transaction is decided");
  const logs = view.panels.some((panel) => panel.kind === "strip");
  return logs ? text("the next entry is committed") : text("the next value is final");
}

export function UntilDialog({ onClose }: { onClose: () => void }) {
  const { app, model } = useModel();
  const marks = new Set(Object.values(model.protocol.indications).map(({ mark }) => mark));
  const simple = ([
    ["leader", text("the next leader is elected"), marks.has("election")],
    ["commit", finality(model.protocol), marks.has("commit")],
    ["violation", text("a property breaks"), true],
  ] as const).filter(([, , possible]) => possible);
  const [choice, setChoice] = useState<string>(simple[0]![0]);
  const [time, setTime] = useState("+1 s");
  const [problem, setProblem] = useState("");
  const submit = (event: Event): void => {
    event.preventDefault();
    const until = parseUntil(choice, time, model.now);
    if (typeof until === "string") return setProblem(until);
    onClose();
    app.runUntil(until);
  };
  const messages: [string, string][] = Object.entries(model.protocol.messages).map(([name, spec]) => [`message:${name}`, said(spec.label)]);
  const radio = (value: string, label: string) => (
    <label key={value} class="choice">
      <input type="radio" name="until" value={value} checked={choice === value} onChange={() => setChoice(value)} />
      <span>{label}</span>
    </label>
  );
  return (
    <Dialog title={text("Run until …")} onClose={onClose} closeLabel={text("Close")}>
      <form onSubmit={submit} class="form">
        <fieldset>
          <legend>{text("Stop when")}</legend>
          {simple.map(([value, label]) => radio(value, label))}
        </fieldset>
        <fieldset>
          <legend>{text("or at the next message of a kind")}</legend>
          <div class="choices">{messages.map(([value, label]) => radio(value, label))}</div>
        </fieldset>
        <fieldset>
          <legend>{text("or at a time")}</legend>
          {radio("time", text("at this time (it is {now} now)", { now: moment(model.now) }))}
          <label class="field">
            <span>{text("Time, such as 12.5 s or +300 ms")}</span>
            <input
              type="text"
              value={time}
              onInput={(event) => {
                setTime(event.currentTarget.value);
                setChoice("time");
              }}
            />
          </label>
        </fieldset>
        <p class="problem" role="alert">
          {problem}
        </p>
        <div class="row end">
          <button type="submit" class="primary">
            {text("Run")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
