/** The dialog in which something of the room is taken away: what, in which format, which events. */
import { useState } from "preact/hooks";
import { boardsTitle } from "../draw/boardtitle.ts";
import type { RoomModel } from "../model/room.ts";
import type { App } from "./app.ts";
import { Dialog, useModel } from "./context.tsx";
import { pngFile, saveFile, svgFile } from "./files.ts";
import {
  atMost, branchName, diagramOf, eventsAddress, fetchEvents, handoutAddress, mostEvents, pictureName, pictureOf, spanProblem, viewsOf, visibleSpan,
  type EventFormat, type SeqSpan, type ViewName,
} from "./taking.ts";
import { text } from "./text.ts";

type What = "view" | "events" | "handout";

interface Wish {
  what: What;
  view: ViewName;
  picture: "svg" | "png";
  format: EventFormat;
  /** Of the space-time diagram: the chosen events, or what is in sight. */
  whole: boolean;
  span: SeqSpan;
}

/** Kept while the page is open: who takes one picture takes another. */
let last: Omit<Wish, "span" | "whole"> = { what: "view", view: "ring", picture: "svg", format: "jsonl" };

const viewLabel = (view: ViewName, model: RoomModel): string => {
  if (view === "ring") return text("Ring");
  if (view === "log") return boardsTitle(model.protocol, text) ?? "";
  if (view === "spacetime") return text("Space-time diagram");
  return view === "lanes" ? text("Clients' operations over time") : text("Timeline");
};

/** Why something could not be taken away. */
class Refused extends Error {}

/** Does it; the name of the file that was saved. Throws `Refused`. */
async function take(app: App, model: RoomModel, wish: Wish): Promise<string> {
  const { what, view, span } = wish;
  if (what === "events") {
    const file = await fetchEvents(eventsAddress(model.room, model.branch, wish.format, span));
    if (typeof file === "string") throw new Refused(file);
    saveFile(file.name, file.content);
    return file.name;
  }
  const chosen = view === "spacetime" && !wish.whole;
  const taken = chosen ? await diagramOf(app, model, span) : pictureOf(app, model, view);
  if (typeof taken === "string") throw new Refused(taken);
  const name = pictureName(model.protocol.name, branchName(model), chosen ? span : model.world.seq, view, wish.picture);
  saveFile(name, wish.picture === "svg" ? svgFile(taken) : await pngFile(taken));
  return name;
}

export function TakeAway({ onClose }: { onClose: () => void }) {
  const { app, model } = useModel();
  const views = viewsOf(app, model);
  const [wish, setWish] = useState<Wish>(() => ({ ...last, view: views.includes(last.view) ? last.view : "ring", whole: true, span: visibleSpan(app, model) }));
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  /** What was taken last, in a sentence; who takes one thing often takes another, so the dialog stays. */
  const [done, setDone] = useState("");
  /** Events that somebody chose stay chosen; before that they are as many as can be had. */
  const [chosen, setChosen] = useState(false);
  const change = (part: Partial<Wish>): void => {
    setProblem("");
    setDone("");
    if (part.span) setChosen(true);
    setWish({ ...wish, ...part });
  };
  const spanned = wish.what !== "view" || (wish.view === "spacetime" && !wish.whole);
  const most = mostEvents(model, wish.what === "events" ? wish.format : wish.what);
  const span = chosen ? wish.span : atMost(wish.span, most);
  const wrong = spanned ? spanProblem(span, model.head, most) : null;
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const { span: _span, whole: _whole, ...kept } = wish;
    last = kept;
    if (wrong !== null) return setProblem(wrong);
    if (wish.what === "handout") {
      window.open(handoutAddress(model.room, model.branch, span), "_blank", "noopener");
      return setDone(text("The handout is in a new tab."));
    }
    setDone("");
    setBusy(true);
    try {
      setDone(text("Saved: {name}", { name: await take(app, model, { ...wish, span }) }));
    } catch (error) {
      setProblem(error instanceof Refused ? error.message : text("The picture could not be made."));
    }
    setBusy(false);
  };
  return (
    <Dialog title={text("Take away")} onClose={onClose} closeLabel={text("Close")}>
      <form class="form take" onSubmit={(event) => void submit(event)}>
        <Choices legend={text("What")} name="what" value={wish.what} of={whats()} choose={(what) => change({ what })} />
        {wish.what === "view" && <ViewFields wish={wish} views={views} model={model} change={change} />}
        {wish.what === "events" && <Choices legend={text("Format")} name="format" value={wish.format} of={formats()} choose={(format) => change({ format })} />}
        {wish.what === "handout" && <p class="note">{text("A page in black and white, to be printed or kept as PDF: the diagram, what happened in sentences, and what the nodes hold at the end.")}</p>}
        {spanned && <SpanFields span={span} head={model.head} change={(span) => change({ span })} />}
        <p class="problem" role="alert">
          {problem || wrong}
        </p>
        <div class="row end">
          <span class="take-done" role="status">
            {busy ? text("Making the file …") : done}
          </span>
          <button type="submit" class="primary" disabled={busy}>
            {wish.what === "handout" ? text("Open the handout") : text("Download")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

const whats = (): [What, string][] => [
  ["view", text("A picture of a view")],
  ["events", text("The events as a file")],
  ["handout", text("A handout to print")],
];

const formats = (): [EventFormat, string][] => [
  ["jsonl", text("JSON Lines, for programs")],
  ["shiviz", text("A log with vector clocks, for ShiViz")],
  ["mermaid", text("A Mermaid sequence diagram")],
];

interface ViewProps {
  wish: Wish;
  views: ViewName[];
  model: RoomModel;
  change: (part: Partial<Wish>) => void;
}

function ViewFields({ wish, views, model, change }: ViewProps) {
  const pictures: [Wish["picture"], string][] = [
    ["svg", text("SVG, which stays sharp")],
    ["png", text("PNG, in pixels")],
  ];
  return (
    <>
      <label class="field">
        <span>{text("View")}</span>
        <select value={wish.view} onChange={(event) => change({ view: event.currentTarget.value as ViewName })}>
          {views.map((view) => (
            <option key={view} value={view} selected={view === wish.view}>
              {viewLabel(view, model)}
            </option>
          ))}
        </select>
      </label>
      {wish.view === "spacetime" && (
        <label class="field check">
          <input type="checkbox" checked={wish.whole} onChange={(event) => change({ whole: event.currentTarget.checked })} />
          <span>{text("What is in sight now")}</span>
        </label>
      )}
      <Choices legend={text("Format")} name="picture" value={wish.picture} of={pictures} choose={(picture) => change({ picture })} />
    </>
  );
}

function SpanFields({ span, head, change }: { span: SeqSpan; head: number; change: (span: SeqSpan) => void }) {
  const field = (label: string, key: keyof SeqSpan) => (
    <label class="field">
      <span>{label}</span>
      <input type="number" value={span[key]} min={1} max={head} step={1} required onInput={(event) => change({ ...span, [key]: event.currentTarget.valueAsNumber })} />
    </label>
  );
  return (
    <div class="fields take-span">
      {field(text("From event"), "first")}
      {field(text("Up to event"), "last")}
    </div>
  );
}

interface ChoicesProps<T extends string> {
  legend: string;
  name: string;
  value: T;
  of: [T, string][];
  choose: (value: T) => void;
}

function Choices<T extends string>({ legend, name, value, of, choose }: ChoicesProps<T>) {
  return (
    <fieldset>
      <legend>{legend}</legend>
      {of.map(([each, label]) => (
        <label key={each} class="choice">
          <input type="radio" name={name} value={each} checked={each === value} onChange={() => choose(each)} />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}
