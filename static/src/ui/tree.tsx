/**
 * The tree of branches under the timeline, on its time axis: a row for each, hung where it began. A click or Enter goes there,
 * F2 renames, Delete asks and deletes; on hover or focus stands what sets it apart. The same tree, with the
 * picture beside it, is in a dialog: for a phone, for a finger, and for many branches.
 */
import { signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { PAD } from "../draw/timeline.ts";
import { measureIn, theme } from "../draw/theme.ts";
import type { Branch } from "../model/branches.ts";
import { timeLabel } from "../model/channels.ts";
import type { RoomModel } from "../model/room.ts";
import { barEnd, few, namePlace, treeMove, treeRows, type TreeRow } from "../model/tree.ts";
import type { Mark } from "../model/types.ts";
import type { App } from "./app.ts";
import { askToDelete, branchLabel, startRenaming, type Tools } from "./branchacts.ts";
import { PEEK_ID, Popover, type Peek } from "./branchpeek.tsx";
import { useModel } from "./context.tsx";
import { text } from "./text.ts";

/** Pixels: in the dialog they are for fingers. */
const ROW = 22;
const DIALOG_ROW = 34;
const MARKS_MAX = 12;
const NAME_MAX = 40;
/** As short as a line gets, and as wide as a name: of a row too narrow for a third of it, the less; around its letters and beside the sign to fold, as in branches.css. */
const LINE_MIN = 9;
const NAME_WIDTH_MIN = 192;
const NAME_WIDTH_MAX = 400;
const NAME_AROUND = 16;
const FOLD_WIDTH = 18;

const folded = signal<ReadonlySet<number>>(new Set());

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
  /** After renaming: what was renamed is known, and a card about it would cover the cluster. */
  const quiet = useRef(false);
  const backTo = (row: HTMLElement | null | undefined): void => {
    quiet.current = true;
    row?.focus();
    quiet.current = false;
  };
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
            {...(peek?.id === row.branch.id ? { "aria-describedby": PEEK_ID } : {})}
            onFocus={(event) => {
              if (row.branch.id !== focus) tools.choose(row.branch.id);
              if (!quiet.current && event.currentTarget.matches(":focus-visible")) show(row, event.currentTarget);
            }}
            onMouseEnter={(event) => show(row, event.currentTarget)}
            onClick={() => props.go(row.branch.id)}
          >
            <RowName row={row} line={[x(row.from), Math.max(x(row.to), x(row.from) + LINE_MIN)]} width={width} tools={tools} backTo={backTo} />
          </li>
        ))}
      </ul>
      {peek && <Popover peek={peek} width={width} />}
    </div>
  );
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
          <path class="way" d={`M${x(row.from) + (row.parent >= 0 ? 5 : 0)} ${middle(index)}H${Math.max(x(row.to), x(row.from) + LINE_MIN)}`} />
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

type BackTo = (row: HTMLElement | null | undefined) => void;

function RowName({ row, line, width, tools, backTo }: { row: TreeRow; line: [number, number]; width: number; tools: Tools; backTo: BackTo }) {
  const { app } = useModel();
  const { branch } = row;
  const more = !row.open && row.children > 0 ? ` +${row.children}` : "";
  const wide = measureIn(branch.name + more, `${branch.id === app.model?.branch ? 700 : 400} 13px ${theme().font}`) + NAME_AROUND + (row.children ? FOLD_WIDTH : 0);
  // Three of them in a row: then a line too short to bear a name has room for it on one of its sides.
  const most = Math.max(NAME_WIDTH_MIN, Math.min(NAME_WIDTH_MAX, Math.floor((width - 40) / 3)));
  const room = tools.renaming === branch.id ? most : Math.min(most, Math.ceil(wide));
  const style = { marginInlineStart: `${namePlace(line[0], line[1], room, width - 4)}px` };
  if (tools.renaming === branch.id) return <Renaming app={app} branch={branch} style={{ ...style, width: `${room}px` }} done={() => tools.setRenaming(null)} backTo={backTo} />;
  return (
    <span class="branch-name foreign" style={{ ...style, maxWidth: `${most}px` }}>
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
      {more && <small>{more}</small>}
    </span>
  );
}

function Renaming({ app, branch, style, done, backTo }: { app: App; branch: Branch; style: Record<string, string>; done: () => void; backTo: BackTo }) {
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
    backTo(row);
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
      onBeforeInput={({ currentTarget, data }) => {
        const { value, selectionStart, selectionEnd } = currentTarget;
        const most = NAME_MAX + (selectionEnd ?? 0) - (selectionStart ?? 0);
        if (value.length + (data?.length ?? 0) > most) app.toast(text("A name has at most {most} letters.", { most: NAME_MAX }), "info");
      }}
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
