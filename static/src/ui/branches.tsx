/** The tree of branches under the timeline, with what can be done about one of them. */
import { signal } from "@preact/signals";
import { useRef, useState } from "preact/hooks";
import { askToDelete, barred, compareFrom, goToBranch, whyKept, type Tools } from "./branchacts.ts";
import { useModel } from "./context.tsx";
import { text } from "./text.ts";
import { Tree } from "./tree.tsx";

/** So many branches may be in a row of their own before the tree is folded away at first. */
const OPEN_MAX = 12;

/** Whether the tree under the timeline is seen; null: as long as it is small and there is room for it. */
const spread = signal<boolean | null>(null);

export function Branches() {
  const { app, model } = useModel();
  const chosen = useRef<number | null>(null);
  const [renaming, setRenaming] = useState<number | null>(null);
  const [, drawAgain] = useState(0);
  const { branches } = model;
  if (branches.length < 2) return null;
  const open = spread.value ?? (branches.length <= OPEN_MAX && innerHeight >= 640);
  const focus = branches.some(({ id }) => id === chosen.current) ? chosen.current! : model.branch;
  const name = branches.find(({ id }) => id === focus)?.name ?? "";
  const all = (): void => {
    app.dialog.value = { name: "branches", target: { kind: "cluster" } };
  };
  const tools: Tools = {
    choose: (id) => {
      chosen.current = id;
      drawAgain((n) => n + 1);
    },
    renaming,
    setRenaming,
  };
  const reason = barred(model);
  const kept = reason ?? whyKept(model, focus);
  const rename = (): void => {
    if (reason) return app.toast(reason, "info");
    spread.value = true;
    setRenaming(focus);
  };
  return (
    <section class="branches" aria-label={text("Branches")}>
      <div class="branch-tools" role="toolbar" aria-label={text("Branch {name}", { name })}>
        <button type="button" class="quiet small desk-only" aria-expanded={open} onClick={() => (spread.value = !open)}>
          {text("Branches: {n}", { n: branches.length })} <span aria-hidden="true">{open ? "▾" : "▸"}</span>
        </button>
        <button type="button" class="quiet small phone-only" aria-haspopup="dialog" onClick={all}>
          {text("Branches: {n}", { n: branches.length })} · <b class="foreign">{name}</b>
        </button>
        <b class="foreign desk-only">{name}</b>
        <button type="button" class="quiet small desk-only" aria-disabled={reason !== null} title={reason ?? ""} aria-keyshortcuts="F2" onClick={rename}>
          {text("Rename")}
        </button>
        <button type="button" class="quiet small desk-only" aria-haspopup="dialog" onClick={() => compareFrom(app, focus)}>
          {text("Compare with …")}
        </button>
        <button type="button" class="quiet small desk-only" aria-haspopup="dialog" aria-disabled={kept !== null} title={kept ?? ""} aria-keyshortcuts="Delete" onClick={() => askToDelete(app, model, focus)}>
          {text("Delete")}
        </button>
        <button type="button" class="quiet small desk-only" aria-haspopup="dialog" onClick={all}>
          {text("All branches …")}
        </button>
      </div>
      {open && (
        <div class="desk-only tree-under">
          <Tree focus={focus} tools={tools} hanging go={(id) => goToBranch(app, model, id)} />
        </div>
      )}
    </section>
  );
}
