/** The gallery works without this; here are the theme's switch, the tunables typed in milliseconds, and what was solved. */
import { currentTheme, recall, setTheme } from "./ui/memory.ts";

const switches = document.querySelectorAll<HTMLButtonElement>("[data-theme-switch]");
for (const button of switches) {
  const show = (): void => button.setAttribute("aria-pressed", String(currentTheme() === "dark"));
  button.addEventListener("click", () => {
    setTheme(currentTheme() === "dark" ? "light" : "dark");
    show();
  });
  show();
}

for (const input of document.querySelectorAll<HTMLInputElement>("[data-thousandth]")) {
  const hidden = input.parentElement?.querySelector<HTMLInputElement>(`input[type=hidden][name="${CSS.escape(input.dataset.thousandth ?? "")}"]`);
  input.addEventListener("input", () => {
    if (hidden && Number.isFinite(input.valueAsNumber)) hidden.value = String(Math.round(input.valueAsNumber * 1000));
  });
}

const { solved } = recall();
for (const card of document.querySelectorAll<HTMLElement>("[data-challenge]")) {
  const mark = card.querySelector<HTMLElement>(".solved-mark");
  if (mark && Array.isArray(solved) && solved.includes(card.dataset.challenge ?? "")) mark.hidden = false;
}
