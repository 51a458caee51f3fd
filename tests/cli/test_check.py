"""`check`: what it prints of a history, and how it ends."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from server import cli
from server.cli import check
from server.rooms import frames
from server.simulation import Given, Recording, encode
from server.simulation.commands import Crash
from tests.support.hall import Hall

STALE = """\
INFO  jepsen.util - 0\t:invoke\t:write\t7
INFO  jepsen.util - 0\t:ok\t:write\t7
INFO  jepsen.util - 1\t:invoke\t:read\tnil
INFO  jepsen.util - 1\t:ok\t:read\t7
INFO  jepsen.util - 0\t:invoke\t:write\t8
INFO  jepsen.util - 0\t:ok\t:write\t8
INFO  jepsen.util - 2\t:invoke\t:write\t9
INFO  jepsen.util - 1\t:invoke\t:read\tnil
INFO  jepsen.util - 1\t:ok\t:read\t7
"""
GOOD = "\n".join(STALE.splitlines()[:-1]) + "\nINFO  jepsen.util - 1\t:ok\t:read\t9\n"
TOLD = """\
{file}: 5 operations of 3 processes, 1 without a known outcome.
Not linearizable.

The first return that can't be explained:
  lines 8 to 9  process 1  read -> 7

The smallest part that can't be explained, even if all others had never returned (3):
  lines 3 to 4  process 1  read -> 7
  lines 5 to 6  process 0  write 8
  lines 8 to 9  process 1  read -> 7

The longest linearization of all that returned before (3 operations):
  lines 1 to 2  process 0  write 7
  lines 3 to 4  process 1  read -> 7
  lines 5 to 6  process 0  write 8
"""


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """The exit code, standard output and standard error."""
    code = cli.run(["check", *words], None)
    out, err = capsys.readouterr()
    return code, out, err


def test_of_a_bad_history_it_tells_the_first_error_the_smallest_part_and_the_longest_linearization(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "stale.log"
    file.write_text(STALE)
    assert said(capsys, str(file)) == (1, TOLD.format(file=file), "")


def test_of_a_good_history_it_says_so(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "good.txt"
    file.write_text(GOOD)
    code, out, err = said(capsys, str(file), "--format", "jepsen")
    assert (code, err) == (0, "")
    assert out == f"{file}: 5 operations of 3 processes, 1 without a known outcome.\nLinearizable.\n"


def test_a_history_comes_from_standard_input_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(STALE.encode())))
    code, out, _ = said(capsys, "-", "--format", "jepsen", "--json")
    told = json.loads(out)
    assert code == 1
    assert (told["verdict"], told["first"], told["smallest"]) == ("not linearizable", True, True)
    assert told["blocked"] == {"process": 1, "call": ["read"], "result": 7, "lines": [8, 9]}
    assert [operation["lines"] for operation in told["part"]] == [[3, 4], [5, 6], [8, 9]]


def hard_history() -> str:
    """Appends of an even number of letters, and a read of an odd number: nobody knows without trying all."""
    begun = [f'{{:process {n} :type :invoke :f :append :key "k" :value "{"a" * 2 * (n + 1)}"}}' for n in range(40)]
    begun.append('{:process 99 :type :invoke :f :get :key "k" :value nil}')
    return "\n".join([*begun, f'{{:process 99 :type :ok :f :get :key "k" :value "{"a" * 801}"}}'])


def test_what_time_runs_out_on_is_undecided(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "SLICE_STEPS", 10)
    file = tmp_path / "hard.txt"
    file.write_text(hard_history())
    code, out, err = said(capsys, str(file), "--budget", "10ms")
    assert (code, err) == (3, "")
    assert "Undecided within 10ms; --budget gives more time." in out
    assert 'The longest linearization found on key "k" holds ' in out
    code, out, _ = said(capsys, str(file), "--budget", "10ms", "--json")
    assert (code, json.loads(out)["verdict"], json.loads(out)["undecided"]) == (3, "undecided", ["k"])


def test_long_lists_and_long_values_are_shortened(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    lines = []
    for _ in range(40):
        for kind, value in (("invoke", "nil"), ("ok", '""')):
            lines.append(f'{{:process 1 :type :{kind} :f :get :key "k" :value {value}}}')
    lines.append('{:process 1 :type :invoke :f :get :key "k" :value nil}')
    lines.append(f'{{:process 1 :type :ok :f :get :key "k" :value "{"long" * 50}"}}')
    file = tmp_path / "long.txt"
    file.write_text("\n".join(lines))
    code, out, _ = said(capsys, str(file))
    assert code == 1
    assert "  ... 20 before, --all prints them\n" in out
    assert "(200 characters)" in out
    _, whole, _ = said(capsys, str(file), "--all")
    assert whole.count('get -> ""') == 40


@pytest.mark.parametrize(
    ("name", "content", "words", "reason"),
    [
        ("a.log", b"jepsen.util - 0 :invoke :cas 7", (), "a.log, line 1: :cas takes 2 values, [a b]."),
        ("a.dat", b"", (), "a.dat does not tell its format; --format is one of jepsen, edn, kv, recording."),
        ("a.dat", None, (), "a.dat can't be read: there is no such file."),
        ("a.log", b"\xff\xfe", (), "a.log is no text in UTF-8."),
        ("a.log", None, (), "a.log can't be read: No such file or directory."),
        ("a.log", b"", ("--budget", "soon"), "'soon' is no span of time; write it as 20s, 500ms or 2m."),
        ("a.log", b"x" * 2_000, (), "a.log is larger than 0 MB."),
    ],
)
def test_a_bad_file_is_refused_in_one_sentence(
    name: str, content: bytes | None, words: tuple[str, ...], reason: str,
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(check, "FILE_MAX_BYTES", 1_000)
    monkeypatch.chdir(tmp_path)
    if content is not None:
        Path(name).write_bytes(content)
    assert said(capsys, name, *words) == (2, "", f"quorumscope: {reason}\n")


# ---- recordings ------------------------------------------------------------------------------------------------------


def saved(tmp_path: Path, recording: Recording) -> str:
    file = tmp_path / "room.json"
    file.write_text(recording.to_json())
    return str(file)


def test_a_room_that_is_downloaded_is_checked_by_its_clients(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """People act in a room, somebody saves it, and what its clients were answered is judged as a whole."""
    hall = Hall(protocol="gossip", nodes=3, clients=2)
    hall.does(frames.Act, {"type": "partition", "groups": [["n1", "c1"], ["n2", "n3", "c2"]]}, None)
    file = tmp_path / "download.json"
    file.write_text(encode(hall.does(frames.GiveRecording)["recording"]))
    code, out, err = said(capsys, str(file), "--for", "5s")
    assert (code, err) == (1, "")
    assert "Not linearizable on key" in out
    assert "It is not promised here: Weak consistency" in out
    told = json.loads(said(capsys, str(file), "--for", "5s", "--json")[1])
    assert told["verdict"] == "not linearizable"
    assert told["unpromised"].startswith("Weak consistency")
    assert set(told["blocked"]) == {"process", "call", "result", "events"}
    assert told["blocked"]["process"] in ("c1", "c2")


def test_a_recording_of_a_store_that_promises_it_is_linearizable(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    recording = Recording("raft", nodes=3, clients=2, commands=(Given(400_000, 0, Crash("n1")),))
    code, out, err = said(capsys, saved(tmp_path, recording))
    assert (code, err) == (0, "")
    assert out.endswith("Linearizable.\n")
    assert "of 2 processes" in out


@pytest.mark.parametrize(
    ("recording", "words", "sentence"),
    [
        (Recording("bully"), (), "is a run of Bully"),
        (Recording("raft", clients=0), (), "no client asked for anything"),
        (Recording("raft", nodes=3, params={"initial_members": 9}), (), "more than the number of nodes"),
        (Recording("raft"), ("--for", "soon"), "'soon' is no span of time"),
        (Recording("raft"), ("--format", "kv"), "line 1: "),
    ],
)
def test_a_recording_that_has_no_history_is_refused_with_a_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, recording: Recording, words: tuple[str, ...], sentence: str
) -> None:
    code, out, err = said(capsys, saved(tmp_path, recording), *words)
    assert (code, out) == (2, "")
    assert sentence in err


def test_how_long_is_asked_of_recordings_alone(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "good.log"
    file.write_text(GOOD)
    assert said(capsys, str(file), "--for", "5s")[::2] == (
        2, "quorumscope: --for is for recordings: a history has happened already.\n",
    )  # fmt: skip
