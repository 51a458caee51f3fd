/** The entry of a room's page. */
import { render } from "preact";
import { App, type Boot } from "./ui/app.ts";
import { Shell, watchWidth } from "./ui/shell.tsx";
import { Stage } from "./ui/stage.ts";
import { setCatalog } from "./ui/text.ts";

function readBoot(): Boot {
  return JSON.parse(document.getElementById("boot")?.textContent ?? "{}") as Boot;
}

const boot = readBoot();
setCatalog(boot.catalog ?? {}, boot.locale);
watchWidth();
const app = new App(boot);
const stage = new Stage(app);
const root = document.getElementById("room");
if (root) {
  root.textContent = "";
  render(<Shell app={app} stage={stage} />, root);
}
