"""Names that people give: what of them shows, and which of them are read as the same.

A letter that does not show makes two names of one that people read: "scenario" with a soft hyphen in it passes for the
scenario. So of a name that comes in only what shows is kept (`visible`), and names are compared without it (`folded`).

A joiner and a sign that chooses between text and picture do not show either, and yet they change what does: a family of one
picture is three of them and two joiners, Persian and Hindi words are spelled with joiners. They are kept where they have a
meaning, and nowhere else; compared are names without them, so that none is told from another by them alone.

Left out: letters of other scripts that look alike (Cyrillic "а", Unicode's UTS 39). They show, and whole names are written in
them; a room has a few people, whose numbers and roles stand beside their names.
"""

from __future__ import annotations

import re
import unicodedata

IGNORABLE = (
    (0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
    (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip
"""Default_Ignorable_Code_Point: first and last of each span. Unicode 17.0, DerivedCoreProperties.txt, which counts 4,174 of
them; the same since 14.0. Python's `unicodedata` has not got it.
"""
_ALSO = "\u0000-\u001f\u007f-\u009f\u2028\u2029\ufff9-\ufffb\u2800"
"""Controls, ends of lines, marks of annotations, and the blank of Braille, which is drawn as a space."""
_BLANK = "\u2800"
_SPANS = "".join(f"{chr(low)}-{chr(high)}" for low, high in IGNORABLE)
_IGNORED = re.compile(f"[{_SPANS}]")
_UNSEEN = re.compile(f"[{_SPANS}{_ALSO}]")

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
NON_JOINER, JOINER = "\u200c", "\u200d"
AS_TEXT, AS_PICTURE = "\ufe0e", "\ufe0f"
_PICTURES = ("So", "Sm")
"""Categories of signs that are drawn as pictures. ↔ is one of mathematics."""
_TONE = ("\U0001f3fb", "\U0001f3ff")
_VIRAMA = 9
"""The combining class of signs that take a vowel away, behind which a joiner chooses the form of the letter."""


def branch_name(id: int) -> str:
    """A, B, ... Z, A2, B2, ...: letters, which need no translation."""
    turn, letter = divmod(id, len(LETTERS))
    return LETTERS[letter] + (str(turn + 1) if turn else "")


def printable(text: str) -> bool:
    """Whether every character is one that prints, or joins two of these."""
    return text.replace(JOINER, "").replace(NON_JOINER, "").isprintable()


def visible(text: str) -> str:
    """The text without what does not show; a space stands for controls that are one. What is joined stays joined."""
    if not _UNSEEN.search(text):
        return text
    kept: list[str] = []
    for at, letter in enumerate(text):
        if not _UNSEEN.match(letter) or _means(letter, kept[-1:], text[at + 1 : at + 2]):
            kept.append(letter)
        elif letter.isspace() or letter == _BLANK:
            kept.append(" ")
    return "".join(kept)


def folded(name: str) -> str:
    """What two names have in common that people would take for one another.

    Unicode's NFKC_Casefold (The Unicode Standard, 3.13, R5): one form, without case, without what is ignored.
    """
    before, now = "", name
    while now != before:
        before = now
        now = unicodedata.normalize("NFKC", _IGNORED.sub("", unicodedata.normalize("NFKC", now).casefold()))
    return " ".join(visible(now).split())


def _means(letter: str, before: list[str], after: str) -> bool:
    """Whether a letter that does not show changes what is between these two: RFC 5892, A.1 and A.2, and the joined pictures of
    UTS 51.
    """
    last = before[0] if before else ""
    if letter in (AS_TEXT, AS_PICTURE):
        return _is_picture(last)
    if letter not in (JOINER, NON_JOINER) or not last:
        return False
    if unicodedata.combining(last) == _VIRAMA:
        return True
    if letter == NON_JOINER:
        return _is_arabic(last) and _is_arabic(after)
    return (_is_picture(last) or last == AS_PICTURE or _TONE[0] <= last <= _TONE[1]) and _is_picture(after)


def _is_picture(letter: str) -> bool:
    return letter != "" and unicodedata.category(letter) in _PICTURES


def _is_arabic(letter: str) -> bool:
    return letter != "" and unicodedata.bidirectional(letter) == "AL"
