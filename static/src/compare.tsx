/** The entry of the page that compares protocols. */
import { effect, signal } from "@preact/signals";
import { render } from "preact";
import "./gallery.ts";
import { asHash, firstOrder, fromHash, type Choices, type Order } from "./model/comparison.ts";
import { CompareForm } from "./ui/compareform.tsx";
import { report, told } from "./ui/comparejob.ts";
import { GrowthPlot, SpreadPlot } from "./ui/compareplots.tsx";
import { Broken, Crashes, Tables } from "./ui/comparetable.tsx";
import { setCatalog, text } from "./ui/text.ts";

interface Boot extends Choices {
  locale: string;
  catalog: Record<string, string>;
}

const boot = JSON.parse(document.getElementById("boot")?.textContent ?? "{}") as Boot;
setCatalog(boot.catalog ?? {}, boot.locale);
const order = signal<Order>(fromHash(location.hash, firstOrder(boot)));
// The address says what is chosen: who is given it finds the same choice, and gets the same figures.
effect(() => history.replaceState(null, "", asHash(order.value)));

function Result() {
  const now = report.value;
  if (!now?.done) return null;
  const files = `/api/comparisons/${told.value?.name ?? ""}`;
  return (
    <>
      <Tables report={now} choices={boot} />
      <p class="row compare-files">
        <a class="button small" href={`${files}/table.csv`} download>
          {text("The table as CSV")}
        </a>
        <a class="button small" href={`${files}/runs.csv`} download>
          {text("The runs as CSV")}
        </a>
      </p>
      <Crashes report={now} choices={boot} />
      <GrowthPlot report={now} choices={boot} />
      <SpreadPlot report={now} choices={boot} />
      <Broken report={now} choices={boot} />
    </>
  );
}

const root = document.getElementById("compare");
if (root) {
  root.textContent = "";
  render(
    <>
      <CompareForm choices={boot} order={order} />
      <Result />
    </>,
    root,
  );
}
