/** Dialogs about branches: all of them with the picture at their beginning, to delete one, to compare two. */
import { useEffect, useState } from "preact/hooks";
import type { Branch } from "../model/branches.ts";
import type { OpenDialog } from "./app.ts";
import { askToDelete, barred, branchLabel, compareFrom, goToBranch, startRenaming, whyKept, type Tools } from "./branchacts.ts";
import { AtBranching } from "./branchpeek.tsx";
import { Dialog, useModel } from "./context.tsx";
import { eventsOf, PartingText, type Difference, type Spoken } from "./difference.tsx";
import { text } from "./text.ts";
import { Tree } from "./tree.tsx";

export function BranchesDialog({ onClose }: { onClose: () => void }) {
  const { app, model } = useModel();
  const [chosen, choose] = useState(model.branch);
  const [renaming, setRenaming] = useState<number | null>(null);
  const tools: Tools = { choose, renaming, setRenaming };
  const branch = model.branches.find(({ id }) => id === chosen) ?? model.branches.find(({ id }) => id === model.branch) ?? model.branches[0]!;
  const reason = barred(model);
  const kept = reason ?? whyKept(model, branch.id);
  const shown = branch.id === model.branch;
  return (
    <Dialog title={text("Branches")} onClose={onClose} closeLabel={text("Close")} wide>
      <div class="branch-dialog">
        <Tree focus={branch.id} tools={tools} go={choose} />
        <div class="branch-about">
          <AtBranching key={branch.id} branch={branch} />
          <div class="row">
            <button type="button" class="primary" aria-disabled={reason !== null || shown} title={reason ?? ""} onClick={() => shown || goToBranch(app, model, branch.id)}>
              {shown ? text("Shown now") : text("Go there")}
            </button>
            <button type="button" aria-disabled={reason !== null} title={reason ?? ""} onClick={() => startRenaming(app, model, tools, branch.id)}>
              {text("Rename")}
            </button>
            <button type="button" aria-haspopup="dialog" onClick={() => compareFrom(app, branch.id)}>
              {text("Compare with …")}
            </button>
            <button type="button" aria-haspopup="dialog" aria-disabled={kept !== null} title={kept ?? ""} onClick={() => askToDelete(app, model, branch.id)}>
              {text("Delete")}
            </button>
          </div>
          <p class="note">{text("{n} branches of at most {most}. Acting in the past makes another one.", { n: model.branches.length, most: model.limits.branches ?? 0 })}</p>
        </div>
      </div>
    </Dialog>
  );
}

export function DeleteBranch({ open, onClose }: { open: OpenDialog; onClose: () => void }) {
  const { app, model } = useModel();
  const branch = model.branches.find(({ id }) => id === open.branch);
  useEffect(() => {
    if (!branch) onClose(); // somebody was quicker
  }, [branch]);
  if (!branch) return null;
  const events = (branch.id === model.branch ? model.head : branch.head) - branch.forked_at;
  const gone = async (): Promise<void> => {
    if (await app.ask({ type: "delete_branch", branch: branch.id })) onClose();
  };
  return (
    <Dialog title={text("Delete the branch?")} onClose={onClose} closeLabel={text("Close")}>
      <p class="foreign">{text("“{name}”: what happened in it alone, {n} events, is gone for everybody.", { name: branch.name, n: events })}</p>
      {branch.id === model.branch && <p class="note">{text("The room goes back to where it began.")}</p>}
      <div class="row end">
        <button type="button" onClick={onClose}>
          {text("Keep it")}
        </button>
        <button type="button" class="primary bad" onClick={() => void gone()}>
          {text("Delete")}
        </button>
      </div>
    </Dialog>
  );
}

export function CompareBranches({ open, onClose }: { open: OpenDialog; onClose: () => void }) {
  const { app, model } = useModel();
  const one = model.branches.find(({ id }) => id === open.branch) ?? model.branches[0]!;
  const others = model.branches.filter(({ id }) => id !== one.id);
  const [chosen, choose] = useState<number>(others.find(({ id }) => id === one.parent)?.id ?? others[0]?.id ?? -1);
  const other = others.find(({ id }) => id === chosen);
  return (
    <Dialog title={text("Compare branches")} onClose={onClose} closeLabel={text("Close")} wide>
      <div class="form">
        <label class="field">
          <span class="foreign">{text("“{name}” with", { name: one.name })}</span>
          <select value={chosen} onChange={(event) => choose(Number(event.currentTarget.value))}>
            {others.map((branch) => (
              <option key={branch.id} value={branch.id}>
                {branchLabel(branch, model.branches)}
              </option>
            ))}
          </select>
        </label>
      </div>
      {other && <Parting key={other.id} one={one} other={other} />}
      <div class="row end">
        <button type="button" class="primary" disabled={!other} onClick={() => other && void app.beside(one.id, other.id).then(onClose)}>
          {text("Side by side, where they part")}
        </button>
      </div>
    </Dialog>
  );
}

function Parting({ one, other }: { one: Branch; other: Branch }) {
  const { app, model } = useModel();
  const [told, setTold] = useState<{ difference: Difference; events: Spoken } | null>(null);
  useEffect(() => {
    let here = true;
    const ask = [one, other].map(({ id }) => (frame: Record<string, unknown>) => app.quietly({ ...frame, branch: id }));
    void app.ask({ type: "difference", branch: one.id, other: other.id }).then(async (reply) => {
      if (!reply) return;
      const difference = reply.difference as Difference;
      const events = await eventsOf(difference, ask);
      if (here) setTold({ difference, events });
    });
    return () => {
      here = false;
    };
  }, [one.id, other.id]);
  return (
    <div class="branch-difference" aria-live="polite">
      {told ? <PartingText {...told} names={[one.name, other.name]} protocol={model.protocol} /> : <p class="empty">{text("Loading …")}</p>}
    </div>
  );
}
