/** What came of a search: the story, or how much was searched in vain. */
import type { Choices, Order, Report, Story } from "../model/exploration.ts";
import { opening, openStory, search, unopened } from "./searchjob.ts";
import { Acts, blame, nothingDone, without } from "./tale.tsx";
import { said, text } from "./text.ts";

interface Part {
  choices: Choices;
  /** As it was when the search began: the form may have been changed since. */
  order: Order;
}

/** What was waited for comes into sight when it is there. */
function show(box: HTMLElement | null): void {
  box?.scrollIntoView({ block: "nearest" });
}

export function Result({ choices, order }: Part) {
  const report = search.report.value;
  if (!report || !search.told.value?.over) return null;
  return (
    <div class="explore-result-box" ref={show}>
      {report.result ? <Found choices={choices} order={order} report={report} story={report.result} /> : <Nothing choices={choices} order={order} report={report} />}
    </div>
  );
}

function Found({ choices, order, report, story }: Part & { report: Report; story: Story }) {
  const protocol = choices.protocols.find(({ name }) => name === order.protocol);
  const property = protocol?.properties.find(({ name }) => name === story.broken);
  const rules = (protocol?.rules ?? []).filter(({ name }) => story.off.includes(name));
  const title = said(property?.title ?? story.broken);
  return (
    <section class="explore-result found" aria-labelledby="result">
      <h2 id="result">
        {said(protocol?.title ?? order.protocol)}: {story.lost ? text("“{property}” is lost", { property: title }) : text("“{property}” breaks", { property: title })}
      </h2>
      <p class="lead">
        {[without(rules.map((rule) => rule.title)), nothingDone(story), fewer(story, order)].filter(Boolean).join(" ")}
      </p>
      <Acts story={story} property={property?.title ?? story.broken} />
      <div class="row">
        <button type="button" class="primary" aria-disabled={opening.value} onClick={() => void openStory()}>
          {text("Open it at the moment before")}
        </button>
        <span class="note">{text("A new room, one event before: step on and see it break.")}</span>
      </div>
      <p class="problem" role="alert">
        {unopened.value}
      </p>
      <h3>{text("Why it breaks")}</h3>
      <dl class="explore-why">
        {property && (
          <div>
            <dt>{title}</dt>
            <dd>
              {said(property.text)}
              {story.unpromised ? ` ${text("Not promised:")} ${said(story.unpromised)}` : property.assumes && ` ${text("Promised only if:")} ${said(property.assumes)}`}
            </dd>
          </div>
        )}
        {rules.map((rule) => (
          <div key={rule.name}>
            <dt>
              {said(rule.title)} <em>{text("off")}</em>
            </dt>
            <dd>
              {said(rule.text)} <cite>{said(rule.cites)}</cite>
            </dd>
          </div>
        ))}
      </dl>
      {blame(story) && <p>{blame(story)}</p>}
      <p class="note">{spent(report)}</p>
      {story.source && (
        <details class="contestant-tuning">
          <summary>{text("As the source of a scenario")}</summary>
          <pre class="explore-source" tabIndex={0}>
            {story.source}
          </pre>
        </details>
      )}
    </section>
  );
}

/** A story is made short in its nodes too. */
function fewer({ recording }: Story, { nodes }: Order): string | null {
  if (!recording || nodes === null || recording.nodes >= nodes) return null;
  return text("Nodes that are enough for it: {nodes}; the search was for {asked}.", { nodes: recording.nodes, asked: nodes });
}

function spent({ runs, stories, states, seconds }: Report): string {
  if (states !== undefined) return text("States: {states}, in {seconds} s.", { states, seconds });
  return stories === 1 ? text("One story; runs: {runs}, in {seconds} s.", { runs: runs ?? 0, seconds }) : text("The shortest of {stories} stories; runs: {runs}, in {seconds} s.", { stories: stories ?? 0, runs: runs ?? 0, seconds });
}

/** Never that it is safe: only what was looked at. */
function Nothing({ choices, order, report }: Part & { report: Report }) {
  const { runs, events, states, seconds, complete } = report;
  const { bounds, span } = choices.limits;
  return (
    <section class="explore-result nothing" aria-labelledby="result">
      <h2 id="result">{text("Nothing was found")}</h2>
      {states === undefined ? (
        <>
          <p>{text("Nothing broke in {seconds} s of searching. Runs: {runs}, each of {span} s of virtual time; events in all: {events}.", { runs: runs ?? 0, events: events ?? 0, span: span / 1_000_000, seconds })}</p>
          <p>{order.without.length ? text("That is no proof: the next run may break something. Search for longer, with other numbers of nodes, or systematically.") : text("That is no proof, only what was tried.")}</p>
        </>
      ) : (
        <>
          <p>
            {complete
              ? text("All {states} states within the bounds were looked at, and none breaks anything: at most {acts} acts on one way, {crashes} of them crashes, and {depth} steps.", { ...bounds, states })
              : text("{states} states were looked at in {seconds} s, not all there are within the bounds, and none breaks anything.", { states, seconds })}
          </p>
          <p>{text("What lies beyond the bounds is not known. Search for longer, with fewer nodes, or with random faults.")}</p>
        </>
      )}
    </section>
  );
}
