/** The gallery works without this; here are the theme's switch, the tunables typed in milliseconds, and what was solved. */
import { currentTheme, recall, setTheme } from "./ui/memory.ts";
import { openRecording, send, wireUpload } from "./ui/upload.ts";

const switches = document.querySelectorAll<HTMLButtonElement>("[data-theme-switch]");
for (const button of switches) {
  const show = (): void => button.setAttribute("aria-pressed", String(currentTheme() === "dark"));
  button.addEventListener("click", () => {
    setTheme(currentTheme() === "dark" ? "light" : "dark");
    show();
  });
  show();
}

const upload = document.querySelector<HTMLFormElement>("[data-upload]");
if (upload) {
  upload.addEventListener("submit", (event) => event.preventDefault());
  wireUpload(upload, async (file, tell) => {
    const { id } = await send(file, upload.dataset, tell);
    tell(upload.dataset.opening ?? "");
    await openRecording(id);
  });
}

for (const input of document.querySelectorAll<HTMLInputElement>("[data-thousandth]")) {
  const hidden = input.parentElement?.querySelector<HTMLInputElement>(`input[type=hidden][name="${CSS.escape(input.dataset.thousandth ?? "")}"]`);
  input.addEventListener("input", () => {
    if (hidden && Number.isFinite(input.valueAsNumber)) hidden.value = String(Math.round(input.valueAsNumber * 1000));
  });
}

/* ------------------------------------------------------------------ finding: with each letter, where the server would do it with Enter */

const form = document.querySelector<HTMLFormElement>(".finder form");
const field = form?.querySelector<HTMLInputElement>("input[type=search]");
const found = form?.querySelector<HTMLElement>(".found");
const shelves = [...document.querySelectorAll<HTMLDetailsElement>("details.shelf")];
const parts = [...document.querySelectorAll<HTMLElement>("main > section")].filter((part) => part.querySelector(".cards"));
const openAtFirst = new Set(shelves.filter((shelf) => shelf.open));

function find(sought: string): void {
  const words = sought.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const part of parts) {
    for (const card of part.querySelectorAll<HTMLElement>(".card")) {
      // What it says, without its form, and the folder that it lies in.
      const said = [...card.querySelectorAll(":scope > :not(form, svg)")].map((each) => each.textContent).join(" ");
      const whole = `${said} ${card.dataset.about ?? ""} ${card.closest("details.shelf")?.querySelector("summary")?.textContent ?? ""}`.toLocaleLowerCase();
      card.hidden = !words.every((word) => whole.includes(word));
      if (!card.hidden) count++;
    }
    for (const list of part.querySelectorAll<HTMLElement>(".cards")) {
      const empty = !list.querySelector(".card:not([hidden])");
      list.hidden = empty;
      const shelf = list.closest("details.shelf");
      const heading = list.previousElementSibling;
      if (shelf instanceof HTMLElement) shelf.hidden = empty;
      else if (heading instanceof HTMLElement && heading.matches(".group")) heading.hidden = empty;
    }
    part.hidden = !part.querySelector(".card:not([hidden])");
  }
  for (const shelf of shelves) shelf.open = words.length > 0 || openAtFirst.has(shelf);
  if (!found || !form) return;
  found.textContent = !words.length ? "" : count ? (form.dataset.found ?? "").replace("{n}", String(count)) : (form.dataset.none ?? "");
}

if (form && field && !field.value) {
  field.addEventListener("input", () => find(field.value));
  form.addEventListener("submit", (event) => event.preventDefault());
  // The browser may have kept the words on the way back.
  addEventListener("pageshow", () => field.value && find(field.value));
}

/** What an address or a link leads to is unfolded. */
function unfold(): void {
  const target = document.getElementById(location.hash.slice(1));
  if (target instanceof HTMLDetailsElement) target.open = true;
}

addEventListener("hashchange", unfold);
unfold();
const { solved, seen } = recall();
const among = (list: unknown, name: string): boolean => Array.isArray(list) && list.includes(name);
for (const card of document.querySelectorAll<HTMLElement>("[data-challenge]")) {
  const name = card.dataset.challenge ?? "";
  const kind = among(solved, name) ? ".solved-mark" : among(seen, name) ? ".seen-mark" : null;
  const mark = kind && card.querySelector<HTMLElement>(kind);
  if (mark) mark.hidden = false;
}
