/** How components find the app, and the few elements that all of them use. */
import { createContext, type ComponentChildren } from "preact";
import { useContext, useEffect, useRef } from "preact/hooks";
import type { RoomModel } from "../model/room.ts";
import type { App } from "./app.ts";

export const AppContext = createContext<App | null>(null);

export function useApp(): App {
  const app = useContext(AppContext);
  if (!app) throw new Error("no app around this component");
  return app;
}

/** The model, and a new rendering whenever something that panels show has changed. */
export function useModel(): { app: App; model: RoomModel } {
  const app = useApp();
  void app.tick.value; // reading subscribes
  if (!app.model) throw new Error("panels are drawn only in a room");
  return { app, model: app.model };
}

const PATHS: Record<string, string> = {
  play: "M5 3.5v13l11-6.5z",
  pause: "M5 3.5h3.6v13H5zM11.4 3.5H15v13h-3.6z",
  next: "M4 4v12l7.5-6zM13 4h2.6v12H13z",
  previous: "M16 4v12L8.500 10zM4.400 4H7v12H4.400z",
  live: "M3 4v12l6-6zM9 4v12l6-6zM15.500 4H18v12h-2.500z",
  until: "M3 4v12l8-6zM13 3h1.800v14H13zM15 3.500l3.500 2L15 7.500z",
  menu: "M3 5h14v2H3zM3 9h14v2H3zM3 13h14v2H3z",
  close: "M5.200 3.800 10 8.600l4.800-4.800 1.400 1.400L11.400 10l4.800 4.800-1.400 1.400L10 11.400l-4.800 4.800-1.400-1.400L8.600 10 3.800 5.200z",
  theme: "M10 2.800a7.200 7.200 0 1 0 0 14.400z",
  people: "M7 9.500a3 3 0 1 0 0-6 3 3 0 0 0 0 6zm-5.500 7c0-3.300 2.400-5.500 5.500-5.500s5.500 2.200 5.500 5.500zM13.500 9.500a2.500 2.500 0 1 0-1-4.800M13.500 11c3 0 5 2 5 5.500h-4.500",
  link: "M8.3 12.9 6.7 14.5a2.2 2.2 0 0 1-3.1-3.1l3-3a2.2 2.2 0 0 1 3.1 0l1.3-1.3a4 4 0 0 0-5.7 0l-3 3a4 4 0 0 0 5.7 5.7l1.6-1.6zM11.7 7.1l1.6-1.6a2.2 2.2 0 0 1 3.1 3.1l-3 3a2.2 2.2 0 0 1-3.1 0L9 12.9a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 12 4.2l-1.6 1.6z",
  go: "M4 9h8.500L9 5.500 10.400 4l6 6-6 6L9 14.500 12.500 11H4z",
  save: "M3 3h11l3 3v11H3zM6 4.500v4h7v-4zM6 11.500v5h8v-5z",
  good: "M8.200 15.200 3 10l1.600-1.600 3.600 3.600 7.200-7.200L17 6.400z",
  bad: "M10 2 1.500 17h17zM9 7.500h2V12H9zM9 13.500h2v2H9z",
  wait: "M5 2.500h10v2L11.500 10l3.500 5.500v2H5v-2L8.500 10 5 4.500z",
  take: "M9 2.500h2v7.200l2.800-2.800 1.400 1.400L10 13.500 4.800 8.300l1.400-1.400L9 9.700zM3 13h2v2.500h10V13h2v4.500H3z",
  seen: "M10 4.500C5.500 4.500 2.500 8 1.200 10 2.500 12 5.500 15.500 10 15.500s7.500-3.500 8.800-5.500C17.500 8 14.500 4.500 10 4.500zm0 8.500a3 3 0 1 1 0-6 3 3 0 0 1 0 6z",
};

export function Icon({ name }: { name: string }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" width="18" height="18" aria-hidden="true" focusable="false">
      <path d={PATHS[name] ?? ""} fill="currentColor" fill-rule="evenodd" />
    </svg>
  );
}

/** Puts an element that is drawn elsewhere (a view of its own) into the tree, and leaves it alone. */
export function Slot({ element, class: name = "" }: { element: Element; class?: string }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    box.current?.append(element);
  }, [element]);
  return <div ref={box} class={`slot ${name}`} />;
}

/** A modal dialog of the browser's own. `onClose` is called however it is closed. */
export function Dialog(props: { title: string; onClose: () => void; children: ComponentChildren; wide?: boolean; closeLabel: string }) {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = box.current;
    if (dialog && !dialog.open) dialog.showModal();
  }, []);
  return (
    <dialog
      ref={box}
      class={props.wide ? "dialog wide" : "dialog"}
      aria-labelledby="dialog-title"
      onClose={props.onClose}
      onClick={(event) => event.target === box.current && box.current?.close()}
    >
      <div class="dialog-box">
        <header>
          <h2 id="dialog-title">{props.title}</h2>
          <button type="button" class="quiet icon" aria-label={props.closeLabel} onClick={() => box.current?.close()}>
            <Icon name="close" />
          </button>
        </header>
        {props.children}
      </div>
    </dialog>
  );
}
