/** What must not be overlooked: a broken property, a rule that is off, a look at another moment than the room's. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { RoomModel } from "../model/room.ts";
import type { App } from "./app.ts";
import { Icon, useModel } from "./context.tsx";
import { Lost } from "./lost.tsx";
import { said, text } from "./text.ts";

/** One line, which is there when there is nothing to say too: nothing moves when a property breaks. What is longer than two small ones unfolds over the page. */
export function Banners() {
  const { app, model } = useModel();
  const [open, setOpen] = useState(false);
  const [clipped, setClipped] = useState(false);
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const box = line.current;
    if (!box) return undefined;
    const measure = (): void => {
      setClipped([...box.querySelectorAll("span")].some((each) => each.scrollWidth > each.clientWidth + 1 || each.scrollHeight > each.clientHeight + 1));
      if (!box.querySelector("span")) setOpen(false);
    };
    measure();
    const sizes = new ResizeObserver(measure);
    const words = new MutationObserver(measure);
    sizes.observe(box);
    words.observe(box, { childList: true, characterData: true, subtree: true });
    return () => {
      sizes.disconnect();
      words.disconnect();
    };
  }, [open]);
  const unfolds = clipped || open;
  return (
    <div class={`banners${open ? " open" : ""}`}>
      <Lost />
      <div class="banner-line" ref={line}>
        <BannerList app={app} model={model} saving={app.saving.value} />
      </div>
      {unfolds && (
        <button type="button" class="small icon unfold" aria-expanded={open} aria-label={text("The whole message")} onClick={() => setOpen(!open)}>
          <span aria-hidden="true">{open ? "▴" : "▾"}</span>
        </button>
      )}
    </div>
  );
}

/** It reads no signal itself: one that does is drawn anew for that alone, and not with the model. */
function BannerList({ app, model, saving }: { app: App; model: RoomModel; saving: App["saving"]["value"] }) {
  const off = Object.entries(model.world.rules).filter(([, on]) => !on);
  const names = Object.keys(model.protocol.properties);
  const broken = names
    .map((name) => ({ name, ...model.property(name) }))
    .filter(({ state }) => state === "broken")
    .sort((a, b) => a.since - b.since);
  const watching = !model.mayControl && !model.detached;
  const calm = !saving && !model.stopped && !off.length && !broken.length && !model.warnings.length && !model.detached && !watching;
  return (
    <>
      {saving && (
        <p class={saving.held ? "banner bad" : "banner warn"} role="alert">
          <span>{said(saving.text, saving.args)}</span>
        </p>
      )}
      {calm && names.length > 0 && (
        <p class="banner calm">
          <button type="button" class="link-like" onClick={() => app.setPanel("properties")}>
            {text("{n} properties are watched, none is broken.", { n: names.length })}
          </button>
        </p>
      )}
      {model.stopped && (
        <p class="banner bad" role="alert">
          <span>{said(model.stopped.text, model.stopped.args)}</span>
          <button type="button" class="small" onClick={() => app.save()}>
            {text("Save the recording")}
          </button>
        </p>
      )}
      {(off.length > 0 || broken.length > 0) && (
        <p class="banner bad" role="alert">
          <Icon name="bad" />
          {broken[0] && <Broken app={app} model={model} name={broken[0].name} seq={broken[0].detail ?? broken[0].since} />}
          {broken.length > 1 && (
            <button type="button" class="small" onClick={() => app.setPanel("properties")}>
              {text("and {n} more", { n: broken.length - 1 })}
            </button>
          )}
          {off.length > 0 && (
            <span>
              {text("Switched off: {rules}. What you see is not the algorithm.", { rules: off.map(([rule]) => said(model.protocol.rules[rule]?.title ?? rule)).join(", ") })}
            </span>
          )}
        </p>
      )}
      {model.warnings.map((warning) => (
        <p class="banner warn" key={warning.text}>
          <span>{said(warning.text, warning.args)}</span>
        </p>
      ))}
      {model.detached && (
        <p class="banner info" role="status">
          <span>{text("You are looking at event {seq} alone.", { seq: model.world.seq })}</span>
          <button type="button" class="small primary" onClick={() => app.attach()}>
            {text("Return to the room")}
          </button>
          <button type="button" class="small" onClick={() => void app.copy()}>
            {text("Open my own copy here")}
          </button>
        </p>
      )}
      {watching && (
        <p class="banner quiet">
          <span>{text("You are watching. Step or choose an event to look around alone.")}</span>
          <button type="button" class="small" onClick={() => void app.copy()}>
            {text("Open my own copy here")}
          </button>
        </p>
      )}
    </>
  );
}

function Broken({ app, model, name, seq }: { app: App; model: RoomModel; name: string; seq: number }) {
  const paused = !model.playing && !model.detached && model.world.seq === app.brokenAt;
  return (
    <>
      <span>
        {text("“{property}” is broken at event {seq}.", { property: said(model.protocol.properties[name]?.title ?? name), seq })}
      </span>
      {model.disclaimed[name] !== undefined && <span title={said(model.disclaimed[name])}>{text("It was not promised.")}</span>}
      {paused && <span>{text("Paused: a property broke. Play goes on.")}</span>}
      <button
        type="button"
        class="small"
        aria-label={text("Jump to the first bad event, {seq}", { seq })}
        onClick={() => void app.goto({ seq }).then(() => model.select({ kind: "event", seq }))}
      >
        {text("Jump")}
      </button>
    </>
  );
}
