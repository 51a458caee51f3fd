"""The only parser of foreign data: JSON from sockets and forms from pages become typed values or a refusal.

    read_frame(value)  -> Frame      what a browser sent, already decoded by `strictjson`
    read_call(value)   -> Frame      the same, of a program that calls
    read_order(form)   -> RoomOrder  what the form of the gallery asks for

All raise `Refused` with a code and a sentence; inside the server types are trusted.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from server.rooms import frames
from server.rooms.names import printable, visible
from server.simulation.texts import N_, Refused

from . import shapes

NAME_MAX = 40
SEED_MAX = 2**53 - 1
PARAMS_MAX = 64
BRANCH_EVENTS_MAX = 500
NOT_CALLED = "join"
"""The frame that a socket alone sends."""

_CONTROL = re.compile("[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]")
_PATH = re.compile(r" - at `(?P<path>[^`]*)`$")


def frame_id(value: Any) -> int | None:
    """The sender's counter, so that even a frame that can't be read gets its refusal."""
    found = value.get("id") if isinstance(value, dict) else None
    return found if type(found) is int and 0 <= found < 2**53 else None


def read_frame(value: Any) -> frames.Frame:
    """The frame that a browser sent. Raises Refused."""
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        raise Refused("bad_frame", N_("This message could not be understood: {reason}"), reason="Expected a type")
    kind = shapes.FRAMES.get(value["type"])
    if kind is None:
        raise Refused("unknown_frame", N_("There is no message {type}."), type=visible(value["type"])[:NAME_MAX])
    try:
        shape = msgspec.convert(value, kind)
    except (msgspec.ValidationError, RecursionError) as error:
        raise _not_understood(error) from None
    frame: frames.Frame = _MAKERS[value["type"]](shape)
    return frame


def read_call(value: Any, number: int) -> frames.Frame:
    """The frame that a call holds: it has no `id`, and is given one here; it comes from somebody who need not join. Raises
    Refused.
    """
    if isinstance(value, dict) and "id" in value:
        raise Refused("bad_frame", N_("This message could not be understood: {reason}"), reason="A call has no id")
    if isinstance(value, dict) and value.get("type") == NOT_CALLED:
        raise Refused("unknown_frame", N_("There is no message {type}."), type=NOT_CALLED)
    return read_frame({**value, "id": number} if isinstance(value, dict) else value)


def clean_name(text: str, most: int = NAME_MAX) -> str:
    """A name as people typed it, without what does not show, in one form, at most `most` letters; perhaps empty."""
    return visible(clean(text)[:most]).strip()


def clean(text: str) -> str:
    """A text of one line as people typed it, without what does not show, in one form; perhaps empty."""
    return " ".join(unicodedata.normalize("NFC", visible(text)).split())


def reason_of(error: Exception) -> str:
    """msgspec's complaint, with the path of what is wrong."""
    found = _PATH.search(str(error))
    reason = _PATH.sub("", str(error)) + (f" ({found['path'].removeprefix('$.')})" if found else "")
    return visible(reason)[:200]


def _not_understood(error: Exception) -> Refused:
    return Refused("bad_frame", N_("This message could not be understood: {reason}"), reason=reason_of(error))


# ---- from shapes to frames -----------------------------------------------------------------------------------------


def _join(s: shapes.JoinFrame) -> frames.Join:
    last = frames.Last(s.last.epoch, s.last.seq) if s.last else None
    return frames.Join(s.id, s.room, last, clean_name(s.name) if s.name else None)


def _act(s: shapes.CommandFrame) -> frames.Act:
    command = msgspec.to_builtins(s.command)
    if command["type"] == "request" and not isinstance(command["operation"].get("name"), str):
        raise Refused(
            "bad_frame", N_("This message could not be understood: {reason}"), reason="An operation has a name"
        )
    _refuse_control(command)
    return frames.Act(s.id, command, s.at)


def _refuse_control(value: Any) -> None:
    """Keys and values go into logs, files and feeds: a character that moves the cursor there is refused, not dropped,
    because what a client is told to write must be what the person typed.
    """
    if isinstance(value, str):
        if _CONTROL.search(value):
            raise Refused("bad_text", N_("A key or a value has a character that does not show."))
    elif isinstance(value, dict):
        for item in value.values():
            _refuse_control(item)


def _seek(s: shapes.SeekFrame) -> frames.Seek:
    if (s.seq is None) == (s.time is None):
        raise Refused("bad_frame", N_("A place to go to is either an event or a time."))
    return frames.Seek(s.id, s.seq, s.time)


def _run_until(s: shapes.RunUntilFrame) -> frames.RunUntil:
    until = s.until
    if (until.kind == "time") != (until.time is not None):
        raise Refused("bad_frame", N_("A time is given to run until a time, and then alone."))
    if until.type is not None and until.kind not in ("message", "indication"):
        raise Refused("bad_frame", N_("A type is given to run until a message or an indication alone."))
    return frames.RunUntil(s.id, frames.Until(until.kind, until.type, until.time))


def _rename(s: shapes.NameFrame) -> frames.Rename:
    name = clean_name(s.name)
    if not name:
        raise Refused("bad_name", N_("A name needs at least one character that shows."))
    return frames.Rename(s.id, name)


def _rename_branch(s: shapes.RenameBranchFrame) -> frames.RenameBranch:
    # It is kept with the room, where every character of a name is one that prints (`rooms.tree`).
    name = clean("".join(letter for letter in clean(s.name) if printable(letter)))
    if not name:
        raise Refused("bad_name", N_("A name needs at least one character that shows."))
    if len(name) > NAME_MAX:
        raise Refused("bad_name", N_("A name has at most {most} characters."), most=NAME_MAX)
    return frames.RenameBranch(s.id, s.branch, name)


def _events(s: shapes.EventsFrame) -> frames.Events:
    if not 1 <= s.first <= s.last:
        raise Refused("bad_span", N_("The events asked for end before they begin."))
    return frames.Events(s.id, s.first, min(s.last, s.first + BRANCH_EVENTS_MAX - 1), s.branch)


def _log(s: shapes.LogFrame) -> frames.LogSpan:
    if s.end < s.first:
        raise Refused("bad_span", N_("The entries asked for end before they begin."))
    return frames.LogSpan(s.id, s.seq, s.host, s.field, s.first, min(s.end, s.first + BRANCH_EVENTS_MAX), s.branch)


def _lesson(s: shapes.LessonFrame) -> frames.LessonStep:
    if (s.beat is not None) + bool(s.next) + bool(s.leave) != 1:
        raise Refused("bad_frame", N_("A lesson is told one thing: a beat, the next one, or to leave."))
    return frames.LessonStep(s.id, s.beat, bool(s.next), bool(s.leave))


_MAKERS: dict[str, Any] = {
    "join": _join,
    "command": _act,
    "play": lambda s: frames.Play(s.id),
    "pause": lambda s: frames.Pause(s.id),
    "speed": lambda s: frames.Speed(s.id, s.ratio),
    "step": lambda s: frames.Step(s.id, s.by),
    "seek": _seek,
    "live": lambda s: frames.Live(s.id),
    "run_until": _run_until,
    "controls": lambda s: frames.Controls(s.id, s.to),
    "name": _rename,
    "branch": lambda s: frames.ToBranch(s.id, s.branch),
    "rename_branch": _rename_branch,
    "delete_branch": lambda s: frames.DeleteBranch(s.id, s.branch),
    "difference": lambda s: frames.Parting(s.id, s.branch, s.other),
    "compare": lambda s: frames.Beside(s.id, s.branch, s.other),
    "copy": lambda s: frames.Copy(s.id, s.seq),
    "events": _events,
    "world": lambda s: frames.WorldAt(s.id, s.seq, s.branch),
    "log": _log,
    "tape": lambda s: frames.Tape(s.id),
    "recording": lambda s: frames.GiveRecording(s.id),
    "lesson": _lesson,
    "challenge": lambda s: frames.ChallengeStep(s.id, s.ask, s.rule),
}


# ---- the form of the gallery ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RoomOrder:
    """A room that somebody wants. Exactly one of `protocol`, `scenario`, `lesson`, `challenge` is given."""

    protocol: str | None
    scenario: str | None
    lesson: str | None
    nodes: int | None
    clients: int | None
    seed: int
    params: dict[str, int | bool | str]
    of: str | None = None
    """The protocol whose scenario, lesson or challenge it is; None: whichever has one of that name."""
    challenge: str | None = None
    solved: bool = False
    """The solution of the challenge is to be played."""


KINDS = ("protocol", "scenario", "lesson", "challenge")
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")


def read_order(form: Mapping[str, str], specs: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> RoomOrder:
    """The room that a form asks for; `specs` are the tunables of each protocol, by name. Raises Refused.

    `form` has one value a field (the last of them). An empty field is as if it were not there; without a seed one is
    drawn.
    """
    named = {kind: form[kind].strip() for kind in KINDS if form.get(kind, "").strip()}
    if len(named) != 1:
        raise Refused("bad_order", N_("A room shows one thing: a protocol, a scenario, a lesson or a challenge."))
    kind, name = named.popitem()
    if not _NAME.fullmatch(name):
        raise Refused("bad_order", N_("There is nothing of the name {name}."), name=clean_name(name))
    of = form.get("of", "").strip() or None
    if of is not None and not _NAME.fullmatch(of):
        raise Refused("bad_order", N_("There is nothing of the name {name}."), name=clean_name(of))
    seed = _whole(form, "seed", 0, SEED_MAX)
    params = {}
    if kind == "protocol":
        params = _read_params(form, specs.get(name, {}))
    return RoomOrder(
        protocol=name if kind == "protocol" else None,
        scenario=name if kind == "scenario" else None,
        lesson=name if kind == "lesson" else None,
        nodes=_whole(form, "nodes", 1, shapes.NODES_MAX),
        clients=_whole(form, "clients", 0, shapes.NODES_MAX),
        seed=secrets.randbelow(1_000_000) if seed is None else seed,
        params=params,
        of=None if kind == "protocol" else of,
        challenge=name if kind == "challenge" else None,
        solved=kind == "challenge" and form.get("solved") == "on",
    )


def _whole(form: Mapping[str, str], field: str, low: int, high: int) -> int | None:
    text = form.get(field, "").strip()
    if not text:
        return None
    if not re.fullmatch(r"-?[0-9]{1,16}", text) or not low <= int(text) <= high:
        raise Refused("bad_number", N_("{field} must be a whole number from {low} to {high}."),
                      field=field, low=low, high=high)  # fmt: skip
    return int(text)


def _read_params(form: Mapping[str, str], specs: Mapping[str, Mapping[str, Any]]) -> dict[str, int | bool | str]:
    params: dict[str, int | bool | str] = {}
    given = [field for field in form if field.startswith("param.")]
    if len(given) > PARAMS_MAX:
        raise Refused("bad_order", N_("There are too many settings."))
    for field in given:
        name, text = field.removeprefix("param."), form[field].strip()
        spec = specs.get(name)
        if spec is None:
            raise Refused("unknown_param", N_("There is no setting {name}."), name=clean_name(name))
        if not text:
            continue
        if spec.get("choices"):
            if text not in spec["choices"]:
                raise Refused(
                    "bad_choice", N_("{name} is one of: {words}."), name=name, words=", ".join(spec["choices"])
                )
            params[name] = text
        elif isinstance(spec.get("default"), bool):
            if text not in ("on", "off"):
                raise Refused("bad_switch", N_("{name} is on or off."), name=name)
            params[name] = text == "on"
        else:
            number = _whole(form, field, int(spec.get("low", 0)), int(spec.get("high", shapes.VIRTUAL_TIME_MAX_US)))
            if number is not None:
                params[name] = number
    return params
