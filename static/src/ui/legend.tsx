/** What the picture says, in the words of the protocol that is shown. */
import { boardsOf, boardTitle } from "../draw/boardtitle.ts";
import { kindsOf, SHAPES } from "../draw/ringlegend.ts";
import type { NodeView, Protocol, RoleSpec, StripPanel, TablePanel } from "../model/types.ts";
import { said, text } from "./text.ts";

export function Legend({ protocol, absent }: { protocol: Protocol; absent: readonly string[] }) {
  const boards = boardsOf(protocol);
  const strips = boards.filter((panel) => panel.kind === "strip");
  const lines = [
    ...ofNodes(protocol),
    text("Faint with a cross: down."),
    ...ofMessages(protocol),
    ...(strips.length ? ofLogs(strips, protocol) : []),
    ...boards.flatMap((panel) => (panel.kind === "table" ? ofTable(panel, boardTitle(protocol, panel, text)) : [])),
    ...boards.flatMap((panel) => (panel.kind === "matrix" ? [text("{title}: a row for each node, a column for each other that it is about.", { title: boardTitle(protocol, panel, text) })] : [])),
    text("Line style: the state of the link, each direction by itself. A wall: a partition."),
    text("A corner of a cell that is coloured: the event shown has changed it."),
  ];
  return (
    <>
      <ul class="legend">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <h3>{text("Messages")}</h3>
      <ul class="legend kinds ring-legend">
        {kindsOf(protocol, absent).map(([name, spec]) => (
          <li key={name}>
            <svg class={`tone ${spec.tone}`} width="18" height="18" viewBox="0 0 18 18" aria-hidden="true">
              <path d={SHAPES[spec.shape]} />
            </svg>
            {said(spec.label)}
            {spec.hollow && ` · ${text("without entries: {name}", { name: said(spec.hollow) })}`}
          </li>
        ))}
      </ul>
    </>
  );
}

const label = (protocol: Protocol, field: string): string => said(protocol.fields[field]?.label ?? field);

function ofNodes(protocol: Protocol): string[] {
  const view: NodeView = protocol.view.node;
  const lines: string[] = [];
  if (view.fill) lines.push(text("Fill: {field}; it is printed too.", { field: label(protocol, view.fill) }));
  const roles = [...Object.values(view.roles), ...Object.values(view.standings ?? {})];
  if (view.role && roles.length) lines.push(text("Edge and letter: the role. {roles}.", { roles: roles.map(roleText).join("; ") }));
  if (view.ring) lines.push(text("The arc empties with the timer: {timer}.", { timer: said(protocol.timers[view.ring]?.label ?? view.ring) }));
  if (view.quorum) lines.push(text("Dots on the edge, each in the place of a node: {field}.", { field: label(protocol, view.quorum) }));
  if (view.target) lines.push(text("The small arrow at the edge: {field}.", { field: label(protocol, view.target) }));
  if (view.successor) lines.push(text("The broad arrows between the nodes: {field}.", { field: label(protocol, view.successor) }));
  return lines;
}

function roleText({ label: role, letter, edge, icon }: RoleSpec): string {
  const looks = [edge === "dashed" ? text("dashed") : edge === "double" ? text("double") : edge === "faint" ? text("dotted") : "", icon === "crown" ? text("with a crown") : ""].filter(Boolean);
  return [`${letter} ${said(role)}`, ...looks].join(" · ");
}

function ofMessages(protocol: Protocol): string[] {
  const specs = Object.values(protocol.messages);
  const lines = [text("Shape and lane: the kind of message.")];
  if (specs.some(({ beads }) => beads !== null)) lines.push(text("A message carries one bead for each entry; without any it is hollow and faint."));
  if (specs.some(({ reply }) => reply !== null)) lines.push(text("On an answer, + and − are: yes and no."));
  return lines;
}

/** Operations of the key-value machine, and how they are written in a cell. */
const SIGNS: Record<string, () => string> = {
  put: () => text("x=3 writes 3 to the key x"),
  get: () => text("x? reads it"),
  cas: () => text("x:1→2 swaps 1 for 2"),
  delete: () => text("−x removes it"),
  add: () => text("x+=2 adds 2 to it"),
  push: () => text("x←a puts a job at the end of the queue x"),
  pop: () => text("x→ takes its first job"),
};

function ofLogs(strips: StripPanel[], protocol: Protocol): string[] {
  const has = (part: keyof StripPanel): boolean => strips.some((panel) => Boolean(panel[part]));
  const signs = protocol.operations.flatMap(({ name }) => SIGNS[name]?.() ?? []);
  const lines: string[] = [];
  if (signs.length) lines.push(text("In a log: {signs}. ∅ is nothing, as an entry a no-op.", { signs: signs.join("; ") }));
  if (has("commit")) lines.push(text("The green line in a log: up to here it is committed, as far as this node knows."));
  if (has("commit") || has("settled")) lines.push(text("A cell of a log: solid is committed, hatched is not yet."));
  lines.push(text("A cell of a log that is an empty dashed frame: missing here, another node has it."));
  if (has("gap")) lines.push(text("An empty dotted frame: a gap, nothing stands at this place yet."));
  if (Object.values(protocol.messages).some(({ after }) => after)) lines.push(text("Struck through: about to be overwritten by a message that flies already."));
  if (has("match") && !has("next")) lines.push(text("● below an entry: up to here this node is known to have it."));
  if (has("next")) lines.push(text("▲ next is the entry that the leader sends this node next (nextIndex), ● match the last that is known to be the same (matchIndex)."));
  return lines;
}

function ofTable({ words = {}, tones = {} }: TablePanel, title: string): string[] {
  const told = (tone: string): string => Object.keys(tones).filter((word) => tones[word] === tone).map((word) => said(words[word] ?? word)).join(", ");
  const signs = [["✓", "good"], ["✕", "bad"], ["…", "wait"]].map(([sign, tone]) => [sign, told(tone!)]).filter(([, list]) => list);
  const lines = [text("{title}: a row for each key, a column for each node. ≠: not what the others show.", { title })];
  if (signs.length) lines.push(signs.map(([sign, list]) => `${sign} ${list}`).join("; "));
  return lines;
}
