/**
 * Events applied to a world, both ways, exactly.
 *
 * A world's records (`hosts`, `links`, `rules`, `flights`) are changed in place; what stands in them (a host, a link, a
 * flight, a log window) is never changed but replaced. So a copy of a world is five shallow copies (`copyWorld`), and a
 * view knows that nothing changed when it meets the same object again.
 *
 * A log window knows the tail of a log. Removing below the window and undoing it again leaves a window that knows more
 * than before, never less: the event carried the entries.
 */

import { isLogWindow, type Change, type Entry, type FieldValue, type Host, type LogWindow, type RunEvent, type World } from "./types";

/** Entries of one log kept in the browser; older ones are asked for when somebody looks at them. */
export const LOG_ITEMS_MAX = 4096;
const LOG_ITEMS_KEPT = 2048;

export function copyWorld(world: World): World {
  return {
    ...world,
    hosts: { ...world.hosts },
    links: { ...world.links },
    rules: { ...world.rules },
    flights: { ...world.flights },
  };
}

/** One event forward. */
export function apply(world: World, event: RunEvent): void {
  if (event.message) delete world.flights[event.message.id];
  for (const change of event.changes ?? []) change1(world, change, true);
  for (const flight of event.sent ?? []) world.flights[flight.id] = flight;
  world.seq = event.seq;
  world.time = event.time;
}

/** One event back. `time` is the time of the event before it (0 if there is none). */
export function unapply(world: World, event: RunEvent, time: number): void {
  for (const flight of event.sent ?? []) delete world.flights[flight.id];
  const changes = event.changes ?? [];
  for (let i = changes.length - 1; i >= 0; i--) change1(world, changes[i]!, false);
  if (event.message) world.flights[event.message.id] = event.message;
  world.seq = event.seq - 1;
  world.time = time;
}

function change1(world: World, change: Change, forward: boolean): void {
  switch (change[0]) {
    case "state": {
      const [, host, field, before, after] = change;
      setState(world, host, field, forward ? after : before);
      break;
    }
    case "log": {
      const [, id, field, keep, cut, add] = change;
      const log = world.hosts[id]?.state[field];
      setState(world, id, field, spliced(isLogWindow(log) ? log : EMPTY_LOG, keep, forward ? add : cut));
      break;
    }
    case "timer": {
      const [, id, name, before, after] = change;
      const host = world.hosts[id];
      if (host) replaceHost(world, id, { timers: put(host.timers, name, forward ? after : before) });
      break;
    }
    case "host": {
      const [, id, field, before, after] = change;
      replaceHost(world, id, { [field]: forward ? after : before } as Partial<Host>);
      break;
    }
    case "link":
      setOrDelete(world.links, change[1], forward ? change[3] : change[2]);
      break;
    case "groups":
      world.groups = forward ? change[2] : change[1];
      break;
    case "rule":
      world.rules[change[1]] = forward ? change[3] : change[2];
      break;
    case "flight":
      setOrDelete(world.flights, String(change[1]), forward ? change[3] : change[2]);
      break;
  }
}

const EMPTY_LOG: LogWindow = { log: true, length: 0, from: 0, items: [] };

/** The first `keep` entries, then `add`. */
export function spliced(log: LogWindow, keep: number, add: readonly Entry[]): LogWindow {
  const from = Math.min(log.from, keep);
  const kept = log.items.slice(0, Math.max(0, keep - log.from));
  return { ...log, length: keep + add.length, from, items: add.length ? kept.concat(add) : kept };
}

function setState(world: World, id: string, field: string, value: FieldValue): void {
  const host = world.hosts[id];
  if (host) world.hosts[id] = { ...host, state: { ...host.state, [field]: value } };
}

function replaceHost(world: World, id: string, part: Partial<Host>): void {
  const host = world.hosts[id];
  if (host) world.hosts[id] = { ...host, ...part };
}

function put<T>(record: Record<string, T>, key: string, value: T | null): Record<string, T> {
  const copy = { ...record };
  setOrDelete(copy, key, value);
  return copy;
}

function setOrDelete<T>(record: Record<string, T>, key: string, value: T | null): void {
  if (value === null) delete record[key];
  else record[key] = value;
}

/** Forgets the oldest entries of logs that have grown too long here; they can be fetched again. */
export function trimLogs(world: World): void {
  for (const [id, host] of Object.entries(world.hosts)) {
    for (const [field, value] of Object.entries(host.state)) {
      if (!isLogWindow(value) || value.items.length <= LOG_ITEMS_MAX) continue;
      const items = value.items.slice(-LOG_ITEMS_KEPT);
      setState(world, id, field, { ...value, from: value.length - items.length, items });
    }
  }
}

/**
 * Joins entries fetched from the server to a window, when they touch it; otherwise the window stays as it is.
 * `from` is the position (from 0) of the first of `items`.
 */
export function widened(log: LogWindow, from: number, items: readonly Entry[]): LogWindow {
  const end = from + items.length;
  if (from >= log.from || end < log.from) return log;
  return { ...log, from, items: [...items.slice(0, log.from - from), ...log.items] };
}
