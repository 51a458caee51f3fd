/** The dialog of who claims that a challenge is impossible: the claim says which rule forbids it. */
import { useState } from "preact/hooks";
import { Dialog, useModel } from "./context.tsx";
import { said, text } from "./text.ts";

export function ClaimDialog({ onClose }: { onClose: () => void }) {
  const { app, model } = useModel();
  const state = model.challenge;
  const [rule, setRule] = useState<string | null>(null);
  const [problem, setProblem] = useState("");
  if (!state) return null;
  const submit = (event: Event): void => {
    event.preventDefault();
    if (!rule) return setProblem(text("Choose the rule that forbids it."));
    if (model.detached) app.attach();
    void app.ask({ type: "challenge", ask: "claim", rule });
    onClose();
  };
  return (
    <Dialog title={text("It is impossible. Why?")} onClose={onClose} closeLabel={text("Close")}>
      <form class="form claim" onSubmit={submit}>
        <p class="note">{text("At most one of these rules forbids it: with that one off it could be done. A wrong claim is counted, and does not tell whether it is possible.")}</p>
        <fieldset>
          <legend>{text("The rule that forbids it")}</legend>
          {state.rules.map((name) => {
            const spec = model.protocol.rules[name];
            const wrong = state.wrong.includes(name);
            return (
              <label key={name} class="choice">
                <input type="radio" name="rule" value={name} disabled={wrong} checked={rule === name} onChange={() => setRule(name)} />
                <span>
                  <b>{said(spec?.title ?? name)}</b> {wrong && <em>{text("claimed wrongly")}</em>}
                  <small>{said(spec?.text ?? "")}</small>
                </span>
              </label>
            );
          })}
        </fieldset>
        {problem && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <div class="row end">
          <button type="button" onClick={onClose}>
            {text("Cancel")}
          </button>
          <button type="submit" class="primary">
            {text("Claim it")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
