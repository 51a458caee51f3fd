"""`explore`: looks for a run that breaks a property of a protocol of which some rules are off, and prints its shortest story.

    explore raft --without durable_vote --budget 60s --jobs 2
    explore three_phase_commit --property agreement
    explore raft --without commit_current_term --from raft/figure_8 --at 1.2s
    explore raft --without log_check --systematic

Ends with 1 where something was found, with 3 where a systematic search ended before it had seen all that there is within its
bounds, and with 0 where nothing was found: of a systematic search that says that nothing is there within its bounds, of one at
random that these runs broke nothing. The page does the same with `--json-lines`, which tells
how far it is and what was found.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

from server.exploration.explore import STORIES, Hunt, Search, guilty, work
from server.exploration.fuzz import SPAN, Outcome, in_the_end, needed, nodes_counted
from server.exploration.search import Bounds, Systematic
from server.exploration.story import as_data, as_scenario, sentence
from server.properties import Witness
from server.protocols import PROTOCOLS, Protocol, protocol
from server.simulation import Recording, Refused, encode
from server.simulation.recording import SEED_MAX, fitting

from . import EXIT_INTERRUPTED, CommandError
from .cluster import in_order_on
from .collector import tune_collector
from .files import End, read_run, save
from .output import Looking, counted, show
from .simulate import parse_param, parse_span
from .spread import in_order

TOLD_EVERY_S = 0.25
FOUND, NOTHING, UNFINISHED = 1, 0, 3
"""Exit codes; who looks at random is never finished, so that has no code of its own. 3 is what `check` ends with where it could
not decide."""
SEARCHING, SHRINKING = "searching", "shrinking"
"""Nothing is found yet; something is, and is made short while shorter ones are looked for."""
SMALL = 3
"""How many nodes a systematic search has: most bugs show in small clusters, and each node more multiplies the states."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What is looked for, where, and for how long."""
    parser.add_argument("protocol", help=f"one of: {', '.join(PROTOCOLS)}")
    parser.add_argument("--without", action="append", default=[], metavar="RULE", help="a rule that is off")
    parser.add_argument(
        "--property",
        metavar="NAME",
        help="the property that is to break, promised or not, or is to be lost for good (any that is promised)",
    )
    parser.add_argument("--budget", default="60s", help="how long to look, such as 60s or 10m (60s)")
    parser.add_argument("--jobs", type=int, default=1, help="how many processes (1)")
    parser.add_argument(
        "--dask", metavar="ADDRESS", help="spread the seeds over the Dask cluster whose scheduler is at HOST:PORT"
    )
    parser.add_argument("--nodes", type=int, help="how many nodes, 1 to 9 (3 to 5, another number each run)")
    parser.add_argument("--seed", type=int, default=0, help="the first seed (0)")
    parser.add_argument("--runs", type=int, help="how many runs at the most (as many as the budget allows)")
    parser.add_argument(
        "--stories", type=int, default=STORIES, metavar="N",
        help=f"of how many found runs the shortest is told ({STORIES})",
    )  # fmt: skip
    parser.add_argument("--for", dest="span", default=f"{SPAN}us", help="virtual time of a run (1.5s)")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a tunable, times in µs")
    parser.add_argument(
        "--from",
        dest="start",
        metavar="RUN",
        help="go on from a run: a recording, as a room or simulate --save gives it, or a scenario",
    )
    parser.add_argument("--at", default="0s", help="when faults begin in that run (0s)")
    parser.add_argument(
        "--systematic", action="store_true",
        help="look at every order of arrivals, timers and crashes, with few of these acts first, equal states once",
    )  # fmt: skip
    parser.add_argument("--acts", type=int, default=Bounds.acts, help=f"systematic: acts at the most ({Bounds.acts})")
    parser.add_argument("--crashes", type=int, default=Bounds.crashes, help=f"of these, crashes ({Bounds.crashes})")
    parser.add_argument("--doubled", type=int, default=Bounds.doubled, help=f"and messages doubled ({Bounds.doubled})")
    parser.add_argument(
        "--depth", type=int, default=Bounds.depth, help=f"acts and arrivals at the most ({Bounds.depth})"
    )
    parser.add_argument("--states", type=int, default=Bounds.states, help=f"and states kept ({Bounds.states:,})")
    parser.add_argument("--clients", type=int, default=2, help="systematic: how many clients (2)")
    parser.add_argument("--save", type=Path, metavar="FILE", help="write the recording of the story")
    parser.add_argument("--json-lines", action="store_true", help="print progress and result as JSON, a line each")
    parser.epilog = (
        "Ends with 1 where something was found; with 0 where nothing was: all within the bounds of a --systematic search is seen, "
        "or the runs at random broke nothing, which proves nothing; with 3 where a --systematic search found nothing and was "
        "not done within --budget or --states; and with 2 for what makes no sense."
    )


def run(args: argparse.Namespace) -> int:
    """Looks; 1 where something was found, 0 where nothing was, 3 where a systematic search has not seen all, 130 when it was stopped before it was done."""
    budget = parse_span(args.budget) / 1_000_000
    try:
        search = _search(args)
        if args.systematic:
            known = search.found()
            through = _systematic(search, args)
        else:
            hunt = Hunt(search, first=args.seed, runs=args.runs, enough=args.stories)
    except Refused as reason:
        raise CommandError(str(reason)) from None
    before = signal.signal(signal.SIGTERM, _interrupt)
    begin = time.monotonic()
    try:
        stopped = _go_through(through, args, budget) if args.systematic else _hunt(hunt, args, budget)
    finally:
        signal.signal(signal.SIGTERM, before)
    spent = time.monotonic() - begin
    if args.systematic:
        return _conclude_systematic(known, through, args, spent, stopped=stopped)
    return _conclude(hunt, args, spent, stopped=stopped)


def _interrupt(_number: int, _frame: Any) -> NoReturn:
    raise KeyboardInterrupt


def _hunt(hunt: Hunt, args: argparse.Namespace, budget: float) -> bool:
    """Goes through the batches; whether somebody stopped it."""
    begin = told = time.monotonic()
    if args.dask is None:
        harvests = in_order(work, hunt.batches(), args.jobs, begin + budget)
    else:
        harvests = in_order_on(args.dask, work, hunt.batches(), begin + budget)
    with Looking(budget, wanted=not args.json_lines) as progress:
        try:
            for harvest in harvests:
                if harvest is not None:
                    hunt.take(harvest)
                now = time.monotonic()
                progress.at(now - begin, _so_far(hunt, now - begin))
                if args.json_lines and now - told >= TOLD_EVERY_S:
                    told = now
                    show(json.dumps({"progress": _progress(hunt, now - begin, budget)}), sys.stdout)
                    sys.stdout.flush()
                if hunt.over:
                    break
        except KeyboardInterrupt:
            return True
        finally:
            harvests.close()
    return False


def _so_far(hunt: Hunt, spent: float) -> str:
    best = hunt.best
    shortest = (
        "nothing found yet"
        if best is None
        else f"the shortest story has {counted(len(best.recording.commands), 'act')}"
    )
    return f"{hunt.runs:,} runs, {hunt.runs / max(spent, 0.001):,.0f} a second; {shortest}"


def _progress(hunt: Hunt, spent: float, budget: float) -> dict[str, Any]:
    best = hunt.best
    return {
        "phase": SEARCHING if best is None else SHRINKING,
        "runs": hunt.runs, "events": hunt.events, "runs_a_second": round(hunt.runs / max(spent, 0.001), 1),
        "seconds": round(spent, 2), "part": min(1.0, spent / budget) if budget else 1.0, "stories": len(hunt.stories),
        "acts": None if best is None else len(best.recording.commands),
    }  # fmt: skip


def _conclude(hunt: Hunt, args: argparse.Namespace, spent: float, *, stopped: bool) -> int:
    story = hunt.best_story
    if args.json_lines:
        result = None if story is None else _result(hunt.protocol, story.outcome, story.seed)
        known = {"runs": hunt.runs, "events": hunt.events, "stories": len(hunt.stories), "seconds": round(spent, 2)}
        _end({"result": result, "stopped": stopped, **known})
    elif story is None:
        show(f"{counted(hunt.runs, 'run')} broke nothing.", sys.stdout)
    else:
        _print(hunt.protocol, story.outcome, f"{_again(args)} --seed {story.seed} --runs 1")
        acts = len(story.outcome.recording.commands)
        print(  # noqa: T201
            f"quorumscope: {counted(hunt.runs, 'run')} in {spent:.1f} s; the shortest of "
            f"{counted(len(hunt.stories), 'story', 'stories')} has {counted(acts, 'act')} "
            f"({story.acts_before} when it was found).", file=sys.stderr,
        )  # fmt: skip
    if story is not None and args.save is not None:
        _save(args.save, hunt.protocol, story.outcome)
    if stopped:
        print(f"quorumscope: stopped after {counted(hunt.runs, 'run')}.", file=sys.stderr)  # noqa: T201
        return EXIT_INTERRUPTED
    return NOTHING if story is None else FOUND


def _end(told: dict[str, Any]) -> None:
    # Who was stopped in the middle of a line ends it first, for the last one to stand by itself.
    show(("\n" if told["stopped"] else "") + json.dumps(told), sys.stdout)


def _print(found: Protocol, outcome: Outcome, again: str) -> None:
    show(f"# {_told(found, outcome)}\n# Again: explore {again}\n\n{as_scenario(found, outcome)}", sys.stdout)


def _told(found: Protocol, outcome: Outcome) -> str:
    """The sentence, and whether what is off is to blame."""
    if guilty(found, outcome):
        return f"{sentence(found, outcome)} With all rules on, the same acts do not break it."
    return sentence(found, outcome)


def _again(args: argparse.Namespace) -> str:
    """The words that find the story again, but for its seed."""
    words = [args.protocol]
    words += [f"--without {rule}" for rule in args.without]
    words += [f"--set {given}" for given in args.set]
    words += [f"--{name} {getattr(args, name)}" for name in ("property", "nodes") if getattr(args, name) is not None]
    words += [f"--for {args.span}"] if parse_span(args.span) != SPAN else []
    words += [f"--from {args.start} --at {args.at}"] if args.start is not None else []
    return " ".join(words)


def _result(found: Protocol, outcome: Outcome, seed: int) -> dict[str, Any]:
    """All that a page needs: the recording, what breaks when, and the story in sentences with their parameters."""
    told = {"seed": seed, "guilty": guilty(found, outcome), "source": as_scenario(found, outcome)}
    return {**json.loads(encode(as_data(found, outcome))), **told}


def _save(path: Path, found: Protocol, outcome: Outcome) -> None:
    """Writes the story as far as it is told: to the event that breaks it; what is lost for good, to the end of its calm."""
    run = found.run(outcome.recording)
    known = None if outcome.broken is None or in_the_end(found, frozenset({outcome.broken})) else outcome.seq
    for _ in End(outcome.until, known).steps(run):
        pass
    save(path, run)


# The systematic search


def _systematic(search: Search, args: argparse.Namespace) -> Systematic:
    """Raises CommandError and Refused."""
    for name in ("acts", "depth", "states"):
        if getattr(args, name) < 1:
            raise CommandError(f"--{name} is one or more.")
    for name in ("crashes", "doubled"):
        if getattr(args, name) < 0:
            raise CommandError(f"--{name} is no less than 0.")
    if in_the_end(protocol(search.protocol), search.judged):
        raise CommandError(f"{search.wanted} holds in the end or not, and the systematic search sees no end.")
    if search.wanted == Witness.name:
        raise CommandError(
            "The systematic search forgets how a state came about, so it can't judge what clients were answered."
        )
    bounds = Bounds(args.acts, args.crashes, args.doubled, args.depth, args.states)
    found = protocol(search.protocol)
    params = {**needed(found, search.rules_off), **search.params}
    start = search.beginning() or Recording(
        search.protocol, nodes=search.nodes or max(SMALL, nodes_counted(found, params)), clients=args.clients,
        params=params, rules=dict.fromkeys(search.rules_off, False), seed=args.seed,
    )  # fmt: skip
    return Systematic(found, fitting(start, found.program), search.at, bounds=bounds, wanted=search.judged)


def _go_through(search: Systematic, args: argparse.Namespace, budget: float) -> bool:
    """Searches until something is found, all is seen, or the time is up; whether somebody stopped it."""
    tune_collector()
    begin = told = time.monotonic()
    with Looking(budget, wanted=not args.json_lines) as progress:
        try:
            for now_at in search.go():
                now = time.monotonic()
                rate = now_at.states / max(now - begin, 0.001)
                progress.at(
                    now - begin,
                    f"{counted(now_at.acts, 'act')}, {counted(now_at.depth, 'step')} deep: {now_at.states:,} states, "
                    f"{rate:,.0f} a second",
                )
                found = search.found is not None
                if args.json_lines and (found or now - told >= TOLD_EVERY_S):
                    told = now
                    part = {
                        "phase": SHRINKING if found else SEARCHING,
                        "states_a_second": round(rate),
                        "seconds": round(now - begin, 2),
                        "part": (now - begin) / budget,
                    }
                    show(json.dumps({"progress": {**asdict(now_at), **part}}), sys.stdout)
                    sys.stdout.flush()
                if now - begin >= budget:
                    break
        except KeyboardInterrupt:
            return True
    return False


def _conclude_systematic(
    found: Protocol, search: Systematic, args: argparse.Namespace, spent: float, *, stopped: bool
) -> int:
    outcome = search.outcome()
    states = search.looked_at + len(search.states)
    if args.json_lines:
        result = None if outcome is None else _result(found, outcome, args.seed)
        known = {"states": states, "steps": search.steps, "complete": search.whole, "seconds": round(spent, 2)}
        _end({"result": result, "stopped": stopped, **known})
    elif outcome is None:
        extent = "all there are within these bounds" if search.whole else "not all there are within these bounds"
        show(f"{counted(states, 'state')}, {extent}, broke nothing.", sys.stdout)
    else:
        acts = len(outcome.recording.commands)
        bounds = [
            f"--{name} {getattr(args, name)}" for name in ("acts", "crashes", "doubled", "depth", "clients", "seed")
        ]
        _print(found, outcome, " ".join([_again(args), "--systematic", *bounds]))
        print(  # noqa: T201
            f"quorumscope: {counted(states, 'state')} and {counted(search.steps, 'step')} in {spent:.1f} s; it takes "
            f"{counted(len(search.found or ()), 'step')} to break it, of which {acts} "
            f"{'has' if acts == 1 else 'have'} to be done by hand.", file=sys.stderr,
        )  # fmt: skip
    if outcome is not None and args.save is not None:
        _save(args.save, found, outcome)
    if stopped:
        print(f"quorumscope: stopped after {counted(states, 'state')}.", file=sys.stderr)  # noqa: T201
        return EXIT_INTERRUPTED
    if outcome is not None:
        return FOUND
    return NOTHING if search.whole else UNFINISHED


# What was asked for


def _search(args: argparse.Namespace) -> Search:
    if args.protocol not in PROTOCOLS:
        raise CommandError(f"There is no protocol {args.protocol[:40]}; there are {', '.join(PROTOCOLS)}.")
    found = protocol(args.protocol)
    if args.jobs < 1:
        raise CommandError("Take one process or more.")
    if args.dask is not None and (args.jobs > 1 or args.systematic):
        raise CommandError("--dask spreads seeds over the workers of a cluster: leave --jobs and --systematic out.")
    if args.runs is not None and args.runs < 1:
        raise CommandError("Take one run or more.")
    if args.stories < 1:
        raise CommandError("Take one story or more.")
    if not 0 <= args.seed <= SEED_MAX // 2:
        raise CommandError(f"A seed is a number from 0 to {SEED_MAX // 2}.")
    if not parse_span(args.budget):
        raise CommandError("A budget is longer than nothing; write it as 60s or 10m.")
    start = None if args.start is None else _start(args.start, found)
    return Search(
        found.name, tuple(dict.fromkeys(args.without)), args.nodes, args.property,
        dict(parse_param(given, found) for given in args.set), parse_span(args.span), start, parse_span(args.at),
    )  # fmt: skip


def _start(word: str, found: Protocol) -> Recording:
    """The run of a file, or of a scenario. Raises CommandError and Refused."""
    path = Path(word)
    if path.is_file():
        _, recording, _ = read_run(path)
    else:
        name = word.rpartition("/")[2]
        names = [scenario.name for scenario in found.scenarios()]
        if name not in names:
            raise CommandError(f"There is no file {word} and no such scenario; there are {', '.join(names)}.")
        recording = found.scenario(name).recording(found.program)
    if recording.protocol != found.name:
        raise CommandError(f"{word} is a run of {recording.protocol}, not of {found.name}.")
    return recording
