import assert from "node:assert/strict";
import { test } from "node:test";
import { clusterActs, hostActs, linkActs, messageActs } from "../../../static/src/ui/acts.ts";
import { verdictOf } from "../../../static/src/ui/challenge.tsx";
import { limitRefusal } from "../../../static/src/ui/limits.ts";
import type { ChallengeState } from "../../../static/src/model/told.ts";
import { scene } from "./scene.ts";

function challenge(part: Partial<ChallengeState> = {}): ChallengeState {
  return {
    name: "x", title: "X", text: "Do it.", span: 1_000_000, acts: [{ kind: "drop", most: 3, spent: 1 }, { kind: "crash", most: null, spent: 9 }], hints: [],
    hints_left: 3, outcome: "open", said: null, claim: null, takes: null, impossible: null, rules: ["log_check"], wrong: [], missed: null, without: false, shown: false, solved: false, seen: false, ...part,
  };
}

const SPENT = "All acts of this kind are spent (3): go back, or try again.";
const FORBIDDEN = "This challenge does not allow that.";

test("what a challenge does not allow is greyed with the reason, wherever it stands", () => {
  const limited = scene({ challenge: challenge() });
  const refusals = (acts: { id: string; refusal: string | null }[]) => Object.fromEntries(acts.map(({ id, refusal }) => [id, refusal]));
  const host = refusals(hostActs(limited, "n1"));
  assert.equal(host.crash, null);
  assert.equal(host.pause_host, FORBIDDEN);
  assert.equal(host["fire_timer:election"], FORBIDDEN);
  assert.equal(refusals(clusterActs(limited)).rules, FORBIDDEN);
  assert.equal(refusals(linkActs(limited, { src: "n1", dst: "n2" })).both, FORBIDDEN);
  assert.equal(refusals(messageActs(limited, 7)).drop, null);
});

test("an act that is spent says so, and one of any number never is", () => {
  const state = challenge({ acts: [{ kind: "drop", most: 3, spent: 3 }, { kind: "crash", most: null, spent: 9 }] });
  assert.equal(limitRefusal(state, "drop"), SPENT);
  assert.equal(limitRefusal(state, "crash"), null);
});

test("a lost attempt takes no acts", () => {
  assert.equal(limitRefusal(challenge({ outcome: "lost" }), "drop"), "This attempt is lost: go back before that, or try again.");
});

test("acts have the kinds of the commands that they give", () => {
  const all = ["crash", "partition", "set_link", "hold_link", "release_link", "set_clock", "request", "pause", "resume", "fire_timer", "heal", "restart"];
  const free = challenge({ acts: all.map((kind) => ({ kind, most: null, spent: 0 })) });
  for (const id of ["cut_off", "cut", "mend", "both", "link", "dials", "hold", "release", "release_all", "clock", "request_any", "pause_host", "resume_host"]) {
    assert.equal(limitRefusal(free, id), null, id);
  }
  assert.equal(limitRefusal(free, "restart_lost"), FORBIDDEN);
});

test("the verdict is of the moment shown, then of what was claimed", () => {
  const impossible = { rule: "log_check", why: "So.", cites: "Raft" };
  const verdict = (part: Parameters<typeof challenge>[0] = {}) => verdictOf(challenge(part), (rule) => rule.toUpperCase());
  assert.equal(verdict({ outcome: "won", said: "Well done.", wrong: ["log_check"], solved: true }).tone, "won");
  assert.deepEqual(verdict({ outcome: "won", said: "So it goes.", claim: "given_up", impossible, without: true, seen: true }), { tone: "seen", title: "Seen:", reason: "So it goes." });
  assert.deepEqual(verdict({ outcome: "lost", said: "The time is over." }), { tone: "lost", title: "Lost:", reason: "The time is over." });
  assert.equal(verdict({ claim: "right", impossible }).tone, "won");
  assert.equal(verdict({ claim: "given_up", impossible }).tone, "open");
  assert.equal(verdict({ claim: "given_up", takes: 2 }).title, "It is possible. Acts that are enough: 2.");
  assert.deepEqual(verdict({ missed: "log_check", wrong: ["log_check"] }), { tone: "lost", title: "Claimed wrongly: “LOG_CHECK” does not forbid it.", reason: "Do it." });
  assert.equal(verdict({ claim: "right", impossible, without: true }).title, "The rule is off, and now it can be done.");
  assert.deepEqual(verdict(), { tone: "open", title: "Not yet.", reason: "Do it." });
  assert.equal(verdict({ shown: true }).title, "The solution is played.");
});
