/** What can be done with a branch, wherever it is met, and why it can't. */
import type { Branch } from "../model/branches.ts";
import type { RoomModel } from "../model/room.ts";
import { keepReason } from "../model/tree.ts";
import type { App } from "./app.ts";
import { text } from "./text.ts";

/** The row that is chosen in a tree, and the one whose name is being written. */
export interface Tools {
  choose: (id: number) => void;
  renaming: number | null;
  setRenaming: (id: number | null) => void;
}

/** Event 200 of one branch is not event 200 of another, so the parent is named. Names are foreign texts, never translated. */
export function branchLabel(branch: Branch, all: readonly Branch[]): string {
  const parent = all.find(({ id }) => id === branch.parent);
  return parent ? text("{name}, from event {seq} of “{parent}”", { name: branch.name, seq: branch.forked_at, parent: parent.name }) : branch.name;
}

/** Why this person can't change branches; null: he can. */
export function barred(model: RoomModel): string | null {
  return model.mayControl ? null : text("Only who has the controls changes the branch.");
}

export function whyKept(model: RoomModel, id: number): string | null {
  const reason = keepReason(model.branches, id);
  if (reason === "first") return text("The first branch stays: all others began in it.");
  return reason === "needed" ? text("Others grew from this branch: delete them first.") : null;
}

export function goToBranch(app: App, model: RoomModel, id: number): void {
  const reason = barred(model);
  if (reason) return app.toast(reason, "info");
  if (id !== model.branch) void app.ask({ type: "branch", branch: id });
}

export function askToDelete(app: App, model: RoomModel, id: number): void {
  const reason = barred(model) ?? whyKept(model, id);
  if (reason) return app.toast(reason, "info");
  app.dialog.value = { name: "delete_branch", target: { kind: "cluster" }, branch: id };
}

export function compareFrom(app: App, id: number): void {
  app.dialog.value = { name: "compare_branches", target: { kind: "cluster" }, branch: id };
}

export function startRenaming(app: App, model: RoomModel, tools: Tools, id: number): void {
  const reason = barred(model);
  if (reason) app.toast(reason, "info");
  else tools.setRenaming(id);
}
