/** The entry of the page on which clusters are watched side by side. */
import { render } from "preact";
import { App } from "./ui/app.ts";
import { SideBySide, type Cell } from "./ui/sidebyside.tsx";
import { Stage } from "./ui/stage.ts";
import { setCatalog } from "./ui/text.ts";

interface Boot {
  rooms: { room: string; label: string }[];
  /** They are two branches of one room. */
  branches: boolean;
  locale: string;
  catalog: Record<string, string>;
}

const boot = JSON.parse(document.getElementById("boot")?.textContent ?? "{}") as Boot;
setCatalog(boot.catalog ?? {}, boot.locale);
const cells: Cell[] = boot.rooms.map(({ room, label }, index) => {
  const app = new App({ ...boot, room });
  // Keys and the timeline are the first one's: what is done to its time is done to all.
  return { app, label, stage: new Stage(app, { time: index === 0, diagram: boot.branches, rest: false }) };
});
const root = document.getElementById("room");
if (root && cells.length) {
  root.textContent = "";
  render(<SideBySide cells={cells} branches={boot.branches} />, root);
}
