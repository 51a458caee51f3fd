/** The entry of the page that looks for counterexamples. */
import { effect, signal } from "@preact/signals";
import { render } from "preact";
import "./gallery.ts";
import { asHash, firstOrder, fromHash, type Choices, type Order } from "./model/exploration.ts";
import { ExploreForm } from "./ui/exploreform.tsx";
import { Result } from "./ui/explorestory.tsx";
import { search, unopened } from "./ui/searchjob.ts";
import { setCatalog } from "./ui/text.ts";

interface Boot extends Choices {
  locale: string;
  catalog: Record<string, string>;
}

const boot = JSON.parse(document.getElementById("boot")?.textContent ?? "{}") as Boot;
setCatalog(boot.catalog ?? {}, boot.locale);
const place = fromHash(location.hash, firstOrder(boot));
const order = signal<Order>(place.order);
/** What the search on the page was ordered with. */
const ordered = signal<Order>(place.order);

function begin(): void {
  ordered.value = order.value;
  unopened.value = "";
  void search.begin(order.value);
}

const root = document.getElementById("explore");
if (root) {
  root.textContent = "";
  render(
    <>
      <ExploreForm choices={boot} order={order} onBegin={begin} />
      <Shown />
    </>,
    root,
  );
}

function Shown() {
  return <Result choices={boot} order={ordered.value} />;
}

if (place.begin) begin();
else if (place.job) void search.resume(place.job);
// The address says what is chosen, and where the answer to it is: who comes back from the room finds both.
effect(() => {
  const job = search.told.value && ordered.value === order.value ? search.told.value.name : null;
  history.replaceState(null, "", asHash(order.value, job));
});
