"""Plain data as a text that may stand in an address, and back: what a link carries.

    pack({"protocol": "raft", "seed": 7})     "1q6nKK..."
    unpack(text)                              the same data; raises Refused

A text is the version of the format (one character), then base64url, without padding, of a check of four bytes and of the
deflated canonical JSON. The check tells a text that was cut or mended on its way, as mail programs do, from one that was
made elsewhere. Deflating begins with the words of `WORDS`, which are part of the format: a version has its own.

What comes in is a stranger's: its length is looked at before it is decoded, inflating ends at `DATA_BYTES_MAX` whatever the
text claims, and nesting, long numbers, numbers with a point, `NaN` and names that stand twice are refused. Measured: the
worst text takes 0.2 s and 13 MB.
"""

from __future__ import annotations

import json
import re
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b
from typing import Any

from ..simulation import N_, Refused, encode

FORMAT = "1"
DATA_BYTES_MAX = 512 * 1024
"""Of the JSON: some 6,000 commands. What is longer is a recording, not a link."""
TEXT_CHARACTERS_MAX = 256 * 1024
DEPTH_MAX = 12
DIGITS_MAX = 16
CHECK_BYTES = 4
_TEXT = re.compile(r"[A-Za-z0-9_-]+")
_VERSION = re.compile(r"[0-9A-Za-z]")

WORDS = (
    b'{"client":"c1","operation":{"expect":"","key":"color","name":"cas","value":"blue"},"to":null,"type":"request"}'
    b'"disk":"lost","message":"rate_ppm":"offset":"timer":"heartbeat","type":"fire_timer""type":"deliver_now"'
    b'"type":"delay""type":"set_clock""type":"release_link""type":"hold_link""type":"duplicate""type":"switch_rule"'
    b'{"dst":"n2","duplicate_percent":0,"fifo":false,"held":false,"high":30000,"loss_percent":0,"low":10000,'
    b'"src":"n1","type":"set_link","up":false}{"groups":[["n1","n2","c1"],["n3","n4","n5"]],"type":"partition"}'
    b'{"type":"heal"}{"message":17,"type":"drop"}"type":"pause""type":"resume""protocol":"number_election"'
    b'"protocol":"primary_backup""protocol":"two_phase_commit""protocol":"three_phase_commit""protocol":"multi_paxos"'
    b'"protocol":"gossip""protocol":"bully""protocol":"ring""protocol":"paxos""params":{"think_time":0}"rules":{'
    b'"scenario":"lesson":"challenge":{"by":"#1","command":{"node":"n1","type":"crash"},"place":0,"time":1000000},'
    b'{"by":"#1","command":{"disk":"kept","node":"n1","type":"restart"},"time":2000000}],"cursor":1,"digest":"",'
    b'"head":1,"now":1}],"look":{"filter":"context","panel":"inspector","select":{"host":"n1","kind":"host"},'
    b'"kind":"event","panel":"spacetime","seq":1},"setup":{"clients":1,"nodes":5,"protocol":"raft","seed":1}}'
)
"""What links often say, the most frequent last."""


def pack(data: Any) -> str:
    """The text for plain data. Raises Refused where it would be too long to be read again."""
    told = encode(data).encode()
    if len(told) > DATA_BYTES_MAX:
        raise Refused("link_too_large", N_("This is too much for a link. Save the recording instead."))
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS, 9, zdict=WORDS)
    packed = deflate.compress(told) + deflate.flush()
    return FORMAT + urlsafe_b64encode(_check(packed) + packed).rstrip(b"=").decode()


def unpack(text: str) -> Any:
    """The plain data of a text. Raises Refused where it is none of ours, or more than is taken."""
    if len(text) > TEXT_CHARACTERS_MAX:
        raise Refused("link_too_large", N_("This link is longer than any that is made here."))
    if not text or not _TEXT.fullmatch(text):
        raise Refused("bad_link", N_("This is no link of Quorumscope, or a part of it was lost on its way."))
    if text[0] != FORMAT:
        raise Refused(
            "link_format", N_("This link has format {format}, which is not known here; it is of another version."),
            format=text[0] if _VERSION.fullmatch(text[0]) else "?",
        )  # fmt: skip
    try:
        raw = urlsafe_b64decode(text[1:] + "=" * (-len(text[1:]) % 4))
    except ValueError:
        raise _damaged() from None
    check, packed = raw[:CHECK_BYTES], raw[CHECK_BYTES:]
    if check != _check(packed):
        raise _damaged()
    return parse(_inflate(packed))


def _damaged() -> Refused:
    return Refused(
        "link_damaged", N_("A part of this link was lost or changed on its way. Ask for it once more, whole.")
    )


def _check(packed: bytes) -> bytes:
    return blake2b(packed, digest_size=CHECK_BYTES).digest()


def _inflate(packed: bytes) -> bytes:
    """No more than `DATA_BYTES_MAX`, whatever is in it. Raises Refused."""
    inflate = zlib.decompressobj(-zlib.MAX_WBITS, zdict=WORDS)
    try:
        told = inflate.decompress(packed, DATA_BYTES_MAX)
    except zlib.error:
        raise _damaged() from None
    if inflate.unconsumed_tail:
        raise Refused("link_too_large", N_("This link holds more than is taken here."))
    if not inflate.eof or inflate.unused_data:
        raise _damaged()
    return told


def parse(told: bytes) -> Any:
    """The data of a JSON text as strict as a link needs it. Raises Refused."""
    try:
        data = json.loads(
            told.decode(), parse_constant=_no_number, parse_float=_no_number, parse_int=_whole, object_pairs_hook=_once
        )
    except (ValueError, RecursionError):
        raise _no_link() from None
    _shallow(data)
    return data


def _no_link() -> Refused:
    return Refused("bad_link", N_("What this link holds can't be read here."))


def _no_number(text: str) -> Any:
    raise ValueError(text[:DIGITS_MAX])


def _whole(text: str) -> int:
    if len(text.lstrip("-")) > DIGITS_MAX:
        raise ValueError(text[:DIGITS_MAX])
    return int(text)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        raise ValueError("a name stands twice")
    return data


def _shallow(data: Any) -> None:
    """Raises Refused where data is nested deeper than `DEPTH_MAX`."""
    level = [data]
    for _ in range(DEPTH_MAX):
        level = [
            item for each in level if isinstance(each, dict | list)
            for item in (each.values() if isinstance(each, dict) else each)
        ]  # fmt: skip
        if not level:
            return
    if level:
        raise _no_link()
