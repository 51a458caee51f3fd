// Our ShiViz logs under the rules by which ShiViz takes a file, read off its parser and written down here anew: whatever it would
// refuse is refused here, with the reason, so that a log that passes is drawn.
//
// - The first line is the regular expression, the second the delimiter of executions; where that is empty there is one execution.
// - The expression has the named groups host, clock and event. ShiViz knew these before JavaScript did: it rewrites each `(?<name>...)`
//   up to the next `)`, and knows no other groups. So a group holds no parentheses.
// - It is matched again and again, with the flags g and m; what it passes over is lost without a word.
// - A clock is JSON and has its own host. A host's own counts are 1, 2, 3 ... in whatever order its lines stand.
// - What a clock knows of other hosts are counts of events that are in the log.
// - What an event knows is its own step and what the events know that it comes right after.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fixturesOf } from "../model/fixtures.ts";

interface Log {
  name: string;
  text: string;
  events: number;
}

type Clock = Record<string, number>;

interface Line {
  host: string;
  clock: Clock;
  event: string;
}

/** Groups that ShiViz's own rewriting takes for what they are. */
const GROUPS = /^(?:[^()\\]|\\.)*(?:\(\?<\w+>(?:[^()\\]|\\[^()])+\)(?:[^()\\]|\\[^()])*)+$/;

function refuse(reason: string): never {
  throw new Error(reason);
}

/** The lines of a file. Throws what ShiViz would say. */
function read(text: string): Line[] {
  const [expression = "", delimiter = "", ...rest] = text.split("\n");
  if (!GROUPS.test(expression)) refuse("the expression has groups that ShiViz does not know");
  if (delimiter.trim() !== "") refuse("there is more than one execution");
  for (const name of ["host", "clock", "event"]) if (!expression.includes(`(?<${name}>`)) refuse(`the expression has no group ${name}`);
  const body = rest.join("\n").trim();
  const found = [...body.matchAll(new RegExp(expression.trim(), "gm"))];
  if (!found.length) refuse("the expression captures no event");
  return found.map(({ groups }) => {
    const { host, clock, event } = groups as Record<"host" | "clock" | "event", string>;
    const told = JSON.parse(clock) as Clock;
    if (!Object.hasOwn(told, host)) refuse(`${host} is missing from its own clock`);
    return { host, clock: told, event };
  });
}

/** The events of each host in the order of its own counts. Throws what ShiViz would say. */
function lifelines(lines: Line[]): Map<string, Line[]> {
  const hosts = new Map<string, Line[]>();
  for (const line of lines) hosts.set(line.host, [...(hosts.get(line.host) ?? []), line]);
  for (const [host, own] of hosts) {
    own.sort((a, b) => a.clock[host]! - b.clock[host]!);
    own.forEach((line, place) => {
      if (line.clock[host] !== place + 1) refuse(place ? `the counts of ${host} do not go up by one` : `the counts of ${host} do not begin at 1`);
    });
  }
  return hosts;
}

/** What ShiViz draws as the causes of an event: of other hosts those newly known, without what these knew themselves. Throws. */
function causes(host: string, line: Line, known: Clock, hosts: Map<string, Line[]>): Line[] {
  const fresh: [string, Line][] = [];
  for (const [other, count] of Object.entries(line.clock)) {
    if (other === host || count <= (known[other] ?? 0)) continue;
    known[other] = count;
    const there = hosts.get(other) ?? refuse(`a clock of ${host} has an unknown host ${other}`);
    fresh.push([other, there[count - 1] ?? refuse(`a clock of ${host} knows more events of ${other} than there are`)]);
  }
  return fresh.filter(([other, cause]) => !fresh.some(([by, each]) => by !== other && each.clock[other] === cause.clock[other])).map(([, cause]) => cause);
}

/** Draws a log as ShiViz does; how many arrows there are. Throws what ShiViz would say, and where a clock is no vector clock. */
function draw(text: string): number {
  const hosts = lifelines(read(text));
  let arrows = 0;
  for (const [host, own] of hosts) {
    const known: Clock = {};
    let before: Clock = {};
    for (const line of own) {
      const parents = causes(host, line, known, hosts);
      const should: Clock = { ...before, [host]: line.clock[host]! };
      for (const parent of parents) for (const [other, count] of Object.entries(parent.clock)) should[other] = Math.max(should[other] ?? 0, count);
      try {
        assert.deepEqual({ ...line.clock }, should);
      } catch {
        refuse(`an event of ${host} has an impermissible clock`);
      }
      before = line.clock;
      arrows += parents.length;
    }
  }
  return arrows;
}

const EXPRESSION = String.raw`(?<host>\S+) (?<clock>\{[^}]*\}) (?<event>.*)`;
const log = (...lines: string[]): string => [EXPRESSION, "", ...lines].join("\n");

test("ShiViz takes our logs, whole ones and parts of runs, without a line left out", () => {
  const logs = fixturesOf<Log>("shiviz_");
  assert.ok(logs.length >= 4);
  for (const { name, text, events } of logs) {
    const lines = read(text);
    assert.equal(lines.length, events, name);
    assert.ok(lines.every((line) => line.event), name);
    assert.ok(draw(text) > events / 4, `${name}: hardly any arrows`);
  }
});

test("what ShiViz says of other logs is said here too", () => {
  assert.equal(draw(log('a {"a":1} x', 'b {"b":1,"a":1} y')), 1);
  const wrong: [RegExp, string][] = [
    [/groups that ShiViz/, log('a {"a":1} x').replace("(?<event>.*)", "(?<event>(x|y))")],
    [/groups that ShiViz/, log('a {"a":1} x').replace("(?<event>.*)", "(x)(?<event>.*)")],
    [/no group clock/, log('a {"a":1} x').replace("<clock>", "<clocks>")],
    [/more than one execution/, log('a {"a":1} x').replace("\n\n", "\n---\n")],
    [/captures no event/, log("nothing")],
    [/JSON/, log("a {a:1} x")],
    [/missing from its own clock/, log('a {"b":1} x')],
    [/do not begin at 1/, log('a {"a":2} x')],
    [/do not go up by one/, log('a {"a":1} x', 'a {"a":3} x')],
    [/do not go up by one/, log('a {"a":1} x', 'a {"a":1} x')],
    [/unknown host b/, log('a {"a":1,"b":1} x')],
    [/more events of b than there are/, log('a {"a":1,"b":2} x', 'b {"b":1} x')],
    [/impermissible/, log('a {"a":1} x', 'b {"b":1,"a":1} x', 'c {"c":1,"b":1} x')],
    [/impermissible/, log('a {"a":1} x', 'b {"b":1,"a":1} x', 'b {"b":2} x')],
  ];
  for (const [reason, text] of wrong) assert.throws(() => draw(text), reason, text);
});
