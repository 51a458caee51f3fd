"""`export`: a recording's events in the formats of other tools."""

import json
from collections.abc import Generator
from pathlib import Path

import pytest

from server import cli
from server.exports import SHIVIZ_REGEX
from server.rooms import frames
from server.rooms.recorded import Recorded
from server.rooms.verify import recording_of
from server.simulation import Link
from tests.support.hall import Hall

NO_RECORDING = "This is no recording: quorumscope is missing or makes no sense."
Captured = pytest.CaptureFixture[str]


@pytest.fixture
def recording(tmp_path: Path, capsys: Captured) -> str:
    """A file with a recording."""
    saved = tmp_path / "run.json"
    words = ["simulate", "raft", "--nodes", "3", "--seed", "7", "--for", "1s", "--quiet", "--save", str(saved)]
    assert cli.run(words, None) == 0
    capsys.readouterr()
    return str(saved)


def done(steps: Generator[int, None, Recorded]) -> Recorded:
    """What comes of all the steps."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]


def exported(capsys: Captured, *words: str) -> tuple[int, list[str], str]:
    """The exit code, the lines of standard output, and standard error."""
    code = cli.run(["export", *words], None)
    out, err = capsys.readouterr()
    return code, out.splitlines(), err


def test_json_lines_are_what_simulate_prints(capsys: Captured, recording: str) -> None:
    code, lines, err = exported(capsys, recording, "--to", "jsonl", "--for", "1s")
    assert cli.run(["replay", recording, "--for", "1s", "--format", "jsonl"], None) == 0
    *replayed, last = capsys.readouterr().out.splitlines()
    assert (code, lines) == (0, replayed)
    assert err == f"events 1 to {len(lines)}, digest {json.loads(last)['digest']}\n"


def test_a_room_is_told_as_far_as_it_went(capsys: Captured, tmp_path: Path) -> None:
    hall = Hall()
    hall.ticks(30)
    hall.does(frames.Pause)
    saved = tmp_path / "room.json"
    saved.write_text(done(recording_of(hall.room, "A room")).to_json(), encoding="utf-8")
    code, lines, _ = exported(capsys, str(saved), "--to", "jsonl")
    assert (code, len(lines)) == (0, hall.room.show.branch.head)


def test_a_room_that_stands_between_two_events_of_one_instant_is_told_to_the_first_of_them(
    capsys: Captured, tmp_path: Path
) -> None:
    """With fixed delays many events fall on one instant; every command stops at the one at which the room stands."""
    hall = Hall(link=Link(low=20_000, high=20_000), clients=2, params={"think_time": 40_000})
    hall.does(frames.Pause)
    show = hall.room.show
    show.branch.run.advance(1_500_000)
    while show.branch.run.next_time() != show.branch.run.now:
        assert show.branch.run.step()
    show.live()
    head = show.branch.head
    recorded = done(recording_of(hall.room, "A room"))
    digest = recorded.tree.limbs[0].digest
    saved = tmp_path / "room.json"
    saved.write_text(recorded.to_json(), encoding="utf-8")
    code, lines, err = exported(capsys, str(saved), "--to", "jsonl")
    assert (code, len(lines), err) == (0, head, f"events 1 to {head}, digest {digest}\n")
    code, lines, _ = exported(capsys, str(saved), "--to", "jsonl", "--for", f"{show.branch.now}us")
    assert len(lines) > head  # whoever names a time gets all of it
    assert cli.run(["replay", str(saved), "--quiet"], None) == 0
    assert capsys.readouterr().out.startswith(f"{head} events, digest {digest}, ")
    assert cli.run(["check", str(saved), "--json"], None) == 0
    told = json.loads(capsys.readouterr().out)
    operations = [each for each in show.branch.run.history.told(1, head) for each in each.get("indications", ())]
    assert told["operations"] == sum(each["type"] == "Invoked" for each in operations) > 10


def test_a_span_goes_into_a_file(capsys: Captured, recording: str, tmp_path: Path) -> None:
    written = tmp_path / "run.log"
    code, lines, _ = exported(
        capsys, recording, "--to", "shiviz", "--from", "10", "--upto", "400", "-o", str(written)
    )  # fmt: skip
    assert (code, lines) == (0, [])
    log = written.read_text(encoding="utf-8").splitlines()
    assert log[:2] == [SHIVIZ_REGEX, ""]
    assert (len(log), " #10 " in log[2], " #400 " in log[-1]) == (393, True, True)


def test_a_diagram_is_short(capsys: Captured, recording: str) -> None:
    code, lines, _ = exported(capsys, recording, "--to", "mermaid", "--upto", "30")
    assert (code, lines[0]) == (0, "sequenceDiagram")
    code, _, err = exported(capsys, recording, "--to", "mermaid", "--from", "5", "--upto", "405")
    assert (code, err) == (
        2,
        "quorumscope: These are 401 events; at most 400 can be taken away like this: choose fewer.\n",
    )


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--to", "jsonl", "--from", "9", "--upto", "8"), "There are no events 9 to 8"),
        (("--to", "pdf"), "invalid choice: 'pdf'"),
        (("--to", "jsonl", "-o", "/nowhere/at/all"), "can't be written: No such file or directory"),
        ((), "required: --to"),
    ],
)
def test_nonsense_is_told_in_a_sentence(capsys: Captured, recording: str, words: tuple[str, ...], reason: str) -> None:
    code, lines, err = exported(capsys, recording, *words)
    assert (code, lines) == (2, [])
    assert reason in err


def test_what_is_no_recording_is_refused(capsys: Captured, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text("{}")
    assert exported(capsys, str(wrong), "--to", "jsonl") == (2, [], f"quorumscope: {wrong}: {NO_RECORDING}\n")
