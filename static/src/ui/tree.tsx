/**
 * The tree of branches under the timeline, on its time axis: a row for each, hung where it began. A click or Enter goes there,
 * F2 renames, Delete asks and deletes; on hover or focus stands the cluster as it was at the branching. The same tree, with the
 * picture beside it, is in a dialog: for a phone, for a finger, and for many branches.
 */
import { signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { PAD } from "../draw/timeline.ts";
import { thumbnail } from "../draw/thumbnail.ts";
import type { Branch } from "../model/branches.ts";
import { timeLabel } from "../model/channels.ts";
import type { RoomModel } from "../model/room.ts";
import { barEnd, few, keepReason, treeMove, treeRows, type TreeRow } from "../model/tree.ts";
import type { Mark, World } from "../model/types.ts";
import type { App } from "./app.ts";
import { useModel } from "./context.tsx";
import { text } from "./text.ts";

/** Pixels: in the dialog they are for fingers. */
const ROW = 22;
const DIALOG_ROW = 34;
const MARKS_MAX = 12;
const NAME_MAX = 40;
/** So many branches may be in a row of their own before the tree is folded away at first. */
const OPEN_MAX = 12;

const folded = signal<ReadonlySet<number>>(new Set());
/** Whether the tree under the timeline is seen; null: as long as it is small and there is room for it. */
const spread = signal<boolean | null>(null);

/** Event 200 of one branch is not event 200 of another, so the parent is named. Names are foreign texts, never translated. */
export function branchLabel(branch: Branch, all: readonly Branch[]): string {
  const parent = all.find(({ id }) => id === branch.parent);
  return parent ? text("{name}, from event {seq} of “{parent}”", { name: branch.name, seq: branch.forked_at, parent: parent.name }) : branch.name;
}

/* ------------------------------------------------------------------ what can be done with a branch */

/** Why this person can't change branches; null: he can. */
export function barred(model: RoomModel): string | null {
  return model.mayControl ? null : text("Only who has the controls changes the branch.");
}

export function whyKept(model: RoomModel, id: number): string | null {
  const reason = keepReason(model.branches, id);
  if (reason === "first") return text("The first branch stays: all others began in it.");
  return reason === "needed" ? text("Others grew from this branch: delete them first.") : null;
}

export function goToBranch(app: App, model: RoomModel, id: number): void {
  const reason = barred(model);
  if (reason) return app.toast(reason, "info");
  if (id !== model.branch) void app.ask({ type: "branch", branch: id });
}

export function askToDelete(app: App, model: RoomModel, id: number): void {
  const reason = barred(model) ?? whyKept(model, id);
  if (reason) return app.toast(reason, "info");
  app.dialog.value = { name: "delete_branch", target: { kind: "cluster" }, branch: id };
}

export function compareFrom(app: App, id: number): void {
  app.dialog.value = { name: "compare_branches", target: { kind: "cluster" }, branch: id };
}

/* ------------------------------------------------------------------ under the timeline */

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

export interface Tools {
  choose: (id: number) => void;
  renaming: number | null;
  setRenaming: (id: number | null) => void;
}

/* ------------------------------------------------------------------ the tree */

interface Peek {
  id: number;
  x: number;
  y: number;
}

export function Tree(props: { focus: number; tools: Tools; hanging?: boolean; go: (id: number) => void }) {
  const { app, model } = useModel();
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const [peek, setPeek] = useState<Peek | null>(null);
  useEffect(() => {
    const sizes = new ResizeObserver(() => setWidth(box.current?.clientWidth ?? 0));
    if (box.current) sizes.observe(box.current);
    return () => sizes.disconnect();
  }, []);
  const { focus, tools } = props;
  const rows = treeRows(model.branches, folded.value, { branch: model.branch, headTime: model.headTime });
  const at = Math.max(0, rows.findIndex(({ branch }) => branch.id === focus));
  useEffect(() => {
    box.current?.querySelector('[aria-current="true"]')?.scrollIntoView({ block: "nearest" });
  }, [model.branch, rows.length]);
  const end = props.hanging ? barEnd(model.headTime) : Math.max(1, ...rows.map(({ to }) => to)) * 1.02;
  const pitch = props.hanging ? ROW : DIALOG_ROW;
  const x = (time: number): number => PAD + (Math.min(time, end) / end) * Math.max(0, width - 2 * PAD);
  const move = (to: number): void => {
    const row = rows[to];
    if (!row) return;
    tools.choose(row.branch.id);
    box.current?.querySelector<HTMLElement>(`[data-branch="${row.branch.id}"]`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || tools.renaming !== null) return;
    const id = rows[at]?.branch.id;
    if (id === undefined) return;
    const found = treeMove(rows, at, event.key);
    if (found && "to" in found) move(found.to);
    else if (found) folded.value = foldedWith(found);
    else if (event.key === "Enter" || event.key === " ") props.go(id);
    else if (event.key === "F2") startRenaming(app, model, tools, id);
    else if (event.key === "Delete") askToDelete(app, model, id);
    else if (event.key === "Escape" && peek) setPeek(null);
    else if (!/^(Arrow|Home$|End$)/.test(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  const show = (row: TreeRow, element: HTMLElement): void => {
    if (!props.hanging) return;
    setPeek({ id: row.branch.id, x: x(row.from), y: (element.closest("footer") ?? element).getBoundingClientRect().top });
  };
  return (
    <div class="tree-box" ref={box} style={{ "--row": `${pitch}px` }} onMouseLeave={() => setPeek(null)}>
      <Lines rows={rows} x={x} end={end} pitch={pitch} width={width} model={model} />
      <ul class="tree" role="tree" aria-label={text("Branches")} onKeyDown={onKeyDown} onFocusOut={() => setPeek(null)}>
        {rows.map((row) => (
          <li
            key={row.branch.id}
            role="treeitem"
            data-branch={row.branch.id}
            tabIndex={row.branch.id === rows[at]?.branch.id ? 0 : -1}
            aria-level={row.level}
            aria-posinset={row.place}
            aria-setsize={row.size}
            {...(row.children ? { "aria-expanded": row.open } : {})}
            aria-current={row.branch.id === model.branch}
            aria-selected={row.branch.id === focus}
            aria-label={rowLabel(row, model)}
            onFocus={(event) => {
              if (row.branch.id !== focus) tools.choose(row.branch.id);
              if (event.currentTarget.matches(":focus-visible")) show(row, event.currentTarget);
            }}
            onMouseEnter={(event) => show(row, event.currentTarget)}
            onClick={() => props.go(row.branch.id)}
          >
            <RowName row={row} left={x(row.from)} width={width} tools={tools} />
          </li>
        ))}
      </ul>
      {peek && <Popover peek={peek} width={width} />}
    </div>
  );
}

export function startRenaming(app: App, model: RoomModel, tools: Tools, id: number): void {
  const reason = barred(model);
  if (reason) app.toast(reason, "info");
  else tools.setRenaming(id);
}

function foldedWith(change: { fold: number } | { unfold: number }): ReadonlySet<number> {
  const next = new Set(folded.value);
  if ("fold" in change) next.add(change.fold);
  else next.delete(change.unfold);
  return next;
}

function rowLabel(row: TreeRow, model: RoomModel): string {
  const { branch } = row;
  const broken = marksOf(row, model).filter((mark) => mark[2] === "violation").length;
  const told = [branchLabel(branch, model.branches), text("{time} long", { time: timeLabel(row.to - row.from) })];
  if (broken) told.push(text("a property breaks"));
  if (branch.id === model.branch) told.push(text("shown now"));
  return told.join(", ");
}

function marksOf({ branch }: TreeRow, model: RoomModel): Mark[] {
  if (branch.id !== model.branch) return branch.marks;
  return few(model.tape.marks, branch.parent === null ? 0 : branch.forked_at, ["violation", "commit"], MARKS_MAX);
}

function Lines({ rows, x, end, pitch, width, model }: { rows: TreeRow[]; x: (time: number) => number; end: number; pitch: number; width: number; model: RoomModel }) {
  const middle = (index: number): number => (index + 0.5) * pitch;
  return (
    <svg class="tree-lines" width={width} height={rows.length * pitch} aria-hidden="true" focusable="false">
      {rows.map((row, index) => (
        <g key={row.branch.id} class={row.branch.id === model.branch ? "shown" : ""}>
          {row.parent >= 0 && <path class="fork" d={`M${x(row.from)} ${middle(row.parent)}V${middle(index) - 5}q0 5 5 5`} />}
          <path class="way" d={`M${x(row.from) + (row.parent >= 0 ? 5 : 0)} ${middle(index)}H${Math.max(x(row.to), x(row.from) + 9)}`} />
          {row.to > end && <path class="beyond" d={`M${x(end) + 2} ${middle(index) - 5}l6 5l-6 5z`} />}
          {marksOf(row, model)
            .filter((mark) => mark[1] <= end)
            .map((mark) => (
              <path
                key={`${mark[0]}${mark[2]}${mark[4]}`}
                class={mark[2]}
                d={mark[2] === "violation" ? `M${x(mark[1])} ${middle(index) - 6}l6 11h-12z` : `M${x(mark[1]) - 1} ${middle(index) - 4}h2v8h-2z`}
              />
            ))}
        </g>
      ))}
    </svg>
  );
}

function RowName({ row, left, width, tools }: { row: TreeRow; left: number; width: number; tools: Tools }) {
  const { app } = useModel();
  const { branch } = row;
  const style = { marginInlineStart: `${Math.max(0, Math.min(left + 8, width - 200))}px` };
  if (tools.renaming === branch.id) return <Renaming app={app} branch={branch} style={style} done={() => tools.setRenaming(null)} />;
  return (
    <span class="branch-name foreign" style={style}>
      {row.children > 0 && (
        <button
          type="button"
          class="fold"
          tabIndex={-1}
          aria-hidden="true"
          onClick={(event) => {
            event.stopPropagation();
            folded.value = foldedWith(row.open ? { fold: branch.id } : { unfold: branch.id });
          }}
        >
          {row.open ? "▾" : "▸"}
        </button>
      )}
      {branch.name}
      {!row.open && row.children > 0 && <small> +{row.children}</small>}
    </span>
  );
}

function Renaming({ app, branch, style, done }: { app: App; branch: Branch; style: Record<string, string>; done: () => void }) {
  const field = useRef<HTMLInputElement>(null);
  const over = useRef(false);
  // At once: what is typed next belongs here.
  useLayoutEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);
  const back = (): void => {
    over.current = true;
    const row = field.current?.closest<HTMLElement>("[role=treeitem]");
    done();
    row?.focus();
  };
  const keep = async (): Promise<void> => {
    const name = field.current?.value.trim() ?? "";
    if (!name || name === branch.name) return back();
    if (await app.ask({ type: "rename_branch", branch: branch.id, name })) back();
  };
  return (
    <input
      ref={field}
      class="branch-rename"
      style={style}
      type="text"
      maxLength={NAME_MAX}
      defaultValue={branch.name}
      aria-label={text("Name of the branch")}
      onClick={(event) => event.stopPropagation()}
      onBlur={() => over.current || done()}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.isComposing) return;
        if (event.key === "Enter") void keep();
        else if (event.key === "Escape") back();
        else return;
        event.preventDefault();
      }}
    />
  );
}

/* ------------------------------------------------------------------ the cluster at the branching */

const worlds = new Map<string, Promise<World | null>>();
const WORLDS_MAX = 100;

/** The world at which a branch began; it never changes, so it is asked for once. */
function worldAt(app: App, model: RoomModel, branch: Branch): Promise<World | null> {
  const key = `${model.epoch} ${branch.id}`;
  let world = worlds.get(key);
  if (!world) {
    if (worlds.size >= WORLDS_MAX) worlds.clear();
    world = app.quietly({ type: "world", seq: branch.forked_at, branch: branch.id }).then((reply) => (reply.ok ? (reply.world as World) : null));
    worlds.set(key, world);
    void world.then((found) => found ?? worlds.delete(key));
  }
  return world;
}

/** The picture, and in words for those who do not see it. */
export function AtBranching({ branch }: { branch: Branch }) {
  const { app, model } = useModel();
  const root = useRef<HTMLDivElement>(null);
  const [told, setTold] = useState<string[]>([]);
  useEffect(() => {
    let here = true;
    let destroy = (): void => {};
    void worldAt(app, model, branch).then((world) => {
      if (!here || !world || !root.current) return;
      const drawn = thumbnail(root.current, model, world, text);
      destroy = drawn.destroy;
      setTold(drawn.told);
    });
    return () => {
      here = false;
      destroy();
    };
  }, [branch.id, branch.forked_at]);
  const caption =
    branch.parent === null
      ? text("The beginning")
      : text("{label}, at {time}", { label: branchLabel(branch, model.branches), time: timeLabel(branch.forked_time) });
  return (
    <figure class="at-branching">
      <div class="frame" role="img" aria-label={told.join("; ")}>
        <div ref={root} class="small-ring" inert />
      </div>
      <figcaption class="foreign">{caption}</figcaption>
    </figure>
  );
}

function Popover({ peek, width }: { peek: Peek; width: number }) {
  const { model } = useModel();
  const branch = model.branches.find(({ id }) => id === peek.id);
  if (!branch || branch.parent === null) return null;
  const style = { left: `${Math.max(4, Math.min(peek.x - 40, width - 256))}px`, bottom: `${innerHeight - peek.y + 6}px` };
  return (
    <div class="branch-peek" style={style}>
      <AtBranching key={branch.id} branch={branch} />
    </div>
  );
}
