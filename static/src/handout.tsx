/** The entry of the page of a handout. */
import { render } from "preact";
import { Handout, type Told } from "./ui/handout.tsx";
import { setCatalog } from "./ui/text.ts";

interface Boot {
  room: string;
  locale: string;
  catalog: Record<string, string>;
  told: Told;
}

const boot = JSON.parse(document.getElementById("boot")?.textContent ?? "{}") as Boot;
setCatalog(boot.catalog ?? {}, boot.locale);
const root = document.getElementById("handout");
if (root) {
  root.textContent = "";
  render(<Handout told={boot.told} room={boot.room} />, root);
}
