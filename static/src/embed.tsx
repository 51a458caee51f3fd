/** The page that stands in a frame of another page: opens a room of its reader's own for a link, and shows it. */
import { render } from "preact";
import { readEmbedQuery } from "./model/links.ts";
import { App } from "./ui/app.ts";
import { Embedded, Unopened } from "./ui/embedded.tsx";
import { sentence } from "./ui/job.ts";
import { soon } from "./ui/lazy.tsx";
import { sourceOf } from "./ui/opening.ts";
import { followShown, Poster } from "./ui/poster.tsx";
import { Stage } from "./ui/stage.ts";
import { setCatalog } from "./ui/text.ts";

interface Boot {
  name: string | null;
  locale: string;
  catalog: Record<string, string>;
}

const boot = JSON.parse(document.getElementById("boot")?.textContent ?? "{}") as Boot;
setCatalog(boot.catalog ?? {}, boot.locale);
const options = readEmbedQuery(new URLSearchParams(location.search));
const root = document.getElementById("room");
/** The same link, in a page of its own. */
const whole = boot.name ? `/l/${boot.name}` : `/l${location.hash}`;
const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;

async function open(): Promise<void> {
  if (!root) return;
  root.textContent = "";
  render(<Poster />, root);
  try {
    const { from, acts } = options;
    const { room, look } = await followShown(sourceOf(boot.name), { embed: { from, acts, autoplay: options.autoplay && !calm } });
    const app = new App({ ...boot, room, lookOnly: !acts });
    const stage = new Stage(app);
    app.whenModel(() => stage.views.ring.isConnected || app.lookAs(look));
    void soon.fetch().catch(() => undefined); // the timeline, whatever panels there are
    render(<Embedded app={app} stage={stage} options={options} whole={whole} />, root);
  } catch (error) {
    render(<Unopened reason={sentence(error)} whole={whole} again={() => void open()} />, root);
  }
}

void open();
