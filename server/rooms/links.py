"""Links: a moment of a room as a short text, and the room that it brings back.

A link holds a room's tree (`tree.py`), where its maker looked, and a check. What is as usual is left out, and what is usual is
written down here and belongs to the format: defaults of the program may change, links that are out there do not.

The check is that of the run's digest, and of the digests of its first twelfth, its first two twelfths and so on: who follows
the link plays the run again, and where it has become another one, because the program has changed since, it is known up to
where it is still the same. Then, and where a link names what is not known here, as much is shown as can be.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NoBase64
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..simulation import N_, Program, Refused
from ..simulation.history import History, feed, new_digest
from ..simulation.recording import given_from
from .names import branch_name
from .packing import pack, unpack
from .tree import Tree, tree_from

RUNGS = 12
RUNG_BYTES = 2
DIGEST_BYTES = 6
SLICE = 250
"""Events that are told between two chances for others to go on: some 10 ms."""
LOOK_MAX = 8
PACE_UNIT = 100

USUAL_SETUP: Mapping[str, Any] = {"nodes": 5, "clients": 1, "params": {}, "rules": {}, "seed": 1}
USUAL_LINK: Mapping[str, Any] = {
    "up": True, "held": False, "low": 15_000, "high": 30_000, "loss_percent": 0, "duplicate_percent": 0, "fifo": False,
}  # fmt: skip
USUAL_LIMB: Mapping[str, Any] = {"parent": None, "forked_at": 0, "forked_time": 0, "commands": []}
USUAL_GIVEN: Mapping[str, Any] = {"place": 0, "by": ""}
USUAL: Mapping[str, Any] = {"origin": "protocol", "origin_name": "", "shown": 0, "pace": 500, "place": {}}

Said = tuple[str, Mapping[str, Any]]
"""A sentence (msgid) and its parameters."""


@dataclass(frozen=True)
class Link:
    """What a link brings back."""

    tree: Tree
    look: Mapping[str, Any] = field(default_factory=dict)
    """What was selected and which panels were open; the page's to understand."""
    check: str = ""
    """Of the run of the branch shown, up to its head; empty where it is not known."""

    def text(self) -> str:
        """As the text that stands in an address. Raises Refused where it is too long."""
        return pack(_document(self))


class Partly(Refused):
    """A link names something that is not known here. It can be opened without."""

    def __init__(self, parts: Sequence[Said], tree: Tree) -> None:
        super().__init__(
            "link_partly", N_("This link was made with another version, which knows what is not known here:")
        )
        self.parts = parts
        self.tree = tree
        """The tree without these."""


# ---- writing ---------------------------------------------------------------------------------------------------------


def _without(data: Mapping[str, Any], usual: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in usual or usual[name] != value}


def _document(link: Link) -> dict[str, Any]:
    """The plain data of a link."""
    told = link.tree.as_dict()
    setup = _without(told["setup"], USUAL_SETUP)
    if link_told := _without(setup.pop("link"), USUAL_LINK):
        setup["link"] = link_told
    data = {
        "setup": setup,
        "branches": [_limb_told(index, limb) for index, limb in enumerate(told["branches"])],
        "pace": round(told["ratio"] * PACE_UNIT),
        **{name: told[name] for name in ("origin", "origin_name", "shown", "place")},
    }
    data = _without(data, USUAL)
    if told["next_id"] != 1 + max(limb["id"] for limb in told["branches"]):
        data["next_id"] = told["next_id"]
    return data | ({"look": dict(link.look)} if link.look else {}) | ({"check": link.check} if link.check else {})


def _limb_told(index: int, limb: Mapping[str, Any]) -> dict[str, Any]:
    data = _without(limb, USUAL_LIMB)
    del data["digest"]
    if "commands" in data:
        data["commands"] = [_without(each, USUAL_GIVEN) for each in data["commands"]]
    if data["id"] == index:
        del data["id"]
    if data["name"] == branch_name(limb["id"]):
        del data["name"]
    if data["cursor"] == data["head"]:
        del data["cursor"]
    if data["shown_time"] == data["time"]:
        del data["shown_time"]
    return data


# ---- reading ---------------------------------------------------------------------------------------------------------


def link_from(
    text: str, program_of: Callable[[str], Program], told_of: Callable[[Tree], Any], *, anyway: bool = False
) -> Link:  # fmt: skip
    """The link that a text is. `told_of` raises Refused for a tree whose scenario, lesson or challenge is not known here.
    Raises Partly where something in it is not known here, unless it is to be left out (`anyway`), and another Refused
    where nothing can be made of it.
    """
    data = unpack(text)
    parts: list[Said] = []
    names = {"setup", "branches", "next_id", "look", "check", *USUAL}
    try:
        tree_data = _tree_data(_known(_record(data), names, parts), parts)
        look = _record(data.get("look", {}))
        check = data.get("check", "")
        if not isinstance(check, str) or len(look) > LOOK_MAX:
            raise TypeError(check)
        program = program_of(tree_data["setup"]["protocol"])
        _leave_out(tree_data, program, parts)
        tree = tree_from(tree_data, program_of)
    except (TypeError, ValueError, KeyError, AttributeError):
        raise Refused("bad_link", N_("What this link holds can't be read here.")) from None
    try:
        told = told_of(tree)
        if told.get("setup", tree.setup) != tree.setup:
            raise Refused(
                "story_changed",
                N_("The story {name} has changed since: its run is shown without it."),
                name=tree.origin_name,
            )
    except Refused as reason:
        parts.append((reason.text, reason.parameters))
        tree = replace(tree, origin="protocol", origin_name="", place={})
    if parts and not anyway:
        raise Partly(parts, tree)
    return Link(tree, look, "" if parts else check)


def _record(given: Any) -> dict[str, Any]:
    if type(given) is not dict:
        raise TypeError(given)
    return given


def _known(data: dict[str, Any], names: set[str], parts: list[Said]) -> dict[str, Any]:
    """What has a name that is known here; the rest is another version's."""
    if unknown := sorted(set(data) - names):
        told = ", ".join(name[:20] for name in unknown[:3] if name.isidentifier())
        parts.append((N_("Something in it is of another version: {names}"), {"names": told or "?"}))
    return {name: value for name, value in data.items() if name in names}


def _tree_data(data: dict[str, Any], parts: list[Said]) -> dict[str, Any]:
    """The plain data of the tree, with all that was left out because it is as usual."""
    told = {**USUAL, **data}
    setup = _known({**USUAL_SETUP, "link": {}, **_record(told["setup"])}, {"protocol", "link", *USUAL_SETUP}, parts)
    setup["link"] = _known({**USUAL_LINK, **_record(setup["link"])}, set(USUAL_LINK), parts)
    if type(told["pace"]) is not int or not isinstance(told["branches"], list):
        raise TypeError(told["pace"])
    limbs = [_limb_data(index, _record(limb), parts) for index, limb in enumerate(told["branches"])]
    return {
        "format": 2, "setup": setup, "ratio": told["pace"] / PACE_UNIT, "branches": limbs,
        "next_id": told.get("next_id", 1 + max((limb["id"] for limb in limbs), default=0)),
        **{name: told[name] for name in ("origin", "origin_name", "shown", "place")},
    }  # fmt: skip


LIMB_NAMES = {"id", "name", "head", "time", "cursor", "shown_time", *USUAL_LIMB}


def _limb_data(index: int, data: dict[str, Any], parts: list[Said]) -> dict[str, Any]:
    limb = _known({**USUAL_LIMB, "id": index, **data}, LIMB_NAMES, parts)
    limb.setdefault("name", branch_name(limb["id"]))
    limb.setdefault("cursor", limb["head"])
    limb.setdefault("shown_time", limb["time"])
    limb["commands"] = [
        _known({**USUAL_GIVEN, **_record(each)}, {"time", "command", *USUAL_GIVEN}, parts) for each in limb["commands"]
    ]
    return limb


def _leave_out(data: dict[str, Any], program: Program, parts: list[Said]) -> None:
    """Takes out what this protocol does not know: tunables, rules, commands."""
    setup = data["setup"]
    params, rules = _record(setup["params"]), _record(setup["rules"])
    for name, value in params.items():
        if name not in program.params:
            parts.append((N_("There is no tunable {name}."), {"name": name[:40]}))
        elif not program.params[name].takes(value):
            parts.append((N_("The tunable {name} can't be {value} here."), {"name": name, "value": str(value)[:40]}))
    setup["params"] = {
        name: value for name, value in params.items() if name in program.params and program.params[name].takes(value)
    }
    parts.extend((N_("There is no rule {rule}."), {"rule": rule[:40]}) for rule in rules if rule not in program.rules)
    setup["rules"] = {rule: on for rule, on in rules.items() if rule in program.rules}
    strange: list[str] = []
    for limb in data["branches"]:
        limb["commands"] = [each for each in limb["commands"] if _can_be_given(each, program, strange)]
    if strange:
        types = ", ".join(dict.fromkeys(strange))[:120]
        parts.append((N_("{n} acts are not known here: {types}."), {"n": len(strange), "types": types}))


def _can_be_given(data: dict[str, Any], program: Program, strange: list[str]) -> bool:
    try:
        given_from(data, program)
    except (Refused, TypeError, ValueError, KeyError):
        kind = data["command"].get("type") if isinstance(data.get("command"), dict) else None
        strange.append(kind[:20] if isinstance(kind, str) and kind.isidentifier() else "?")
        return False
    return True


# ---- the check -------------------------------------------------------------------------------------------------------


def check_of(history: History, head: int) -> Generator[None, None, str]:
    """The check of a run's first `head` events, or of as many as there are. Yields from time to time, so that others can go
    on; it takes 35 us an event.
    """
    hasher = new_digest()
    upto = min(head, len(history))
    places = [head * rung // RUNGS for rung in range(1, RUNGS)]
    rungs = b""
    for seq in range(upto + 1):
        if seq:
            feed(hasher, history.tell(seq))
        rungs += hasher.digest()[:RUNG_BYTES] * places.count(seq)
        if seq % SLICE == SLICE - 1:
            yield
    return urlsafe_b64encode(hasher.digest()[:DIGEST_BYTES] + rungs).rstrip(b"=").decode()


def differs_after(check: str, other: str, head: int) -> int | None:
    """The last event up to which the runs of two checks are known to be the same; None where they are the same to the end.
    The runs have `head` events.
    """
    if check == other:
        return None
    try:
        one, two = (urlsafe_b64decode(each + "=" * (-len(each) % 4)) for each in (check, other))
    except (NoBase64, ValueError):
        return 0
    same = 0
    for rung in range(1, RUNGS):
        span = slice(DIGEST_BYTES + (rung - 1) * RUNG_BYTES, DIGEST_BYTES + rung * RUNG_BYTES)
        if one[span] != two[span]:
            break
        same = head * rung // RUNGS
    return same
