"""Randomness that is addressed, not drawn in sequence.

Every draw has an address, such as *(seed, "delay", "n1", "n2", 17)*: the delay of the seventeenth message from n1 to n2.
What is drawn there depends on the address alone. So dropping one message leaves the delay of every other message as it
was, and a "what if" changes only what it caused. One shared generator would shift every later draw instead.

An address has a fixed part, hashed once into a 64-bit key (`stream`), and a counter, mixed in by the finalizer of
SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014, figure 17). Both are
arithmetic on integers, so the same address gives the same number on every machine and under every hash seed.
"""

from __future__ import annotations

from hashlib import blake2b
from struct import Struct

MASK = (1 << 64) - 1
GOLDEN_GAMMA = 0x9E3779B97F4A7C15

BLOCK = 32
"""How many places of a stream are drawn at once."""
_ONES = sum(1 << 128 * i for i in range(BLOCK))
_STEPS = sum((i * GOLDEN_GAMMA & MASK) << 128 * i for i in range(BLOCK))
_MASKS = MASK * _ONES
_NUMBERS = Struct("<" + "Q8x" * BLOCK)


def stream(seed: int, *address: str) -> int:
    """The 64-bit key of the addresses that begin with `seed` and `address`."""
    text = "\x1f".join((str(seed), *address))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def draw(key: int, counter: int) -> int:
    """The 64-bit number at place `counter` of the stream `key`, uniform over 0 .. 2**64 - 1."""
    z = (key + counter * GOLDEN_GAMMA) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def draw_between(key: int, counter: int, low: int, high: int) -> int:
    """An integer in low .. high, both included. Bias is below 2**-40 for spans under 2**24."""
    return low + (draw(key, counter) * (high - low + 1) >> 64)


def draw_percent(key: int, counter: int, percent: int) -> bool:
    """True in `percent` of a hundred addresses."""
    return draw(key, counter) * 100 >> 64 < percent


def draw_block(key: int, block: int) -> tuple[int, ...]:
    """The numbers at the `BLOCK` places of a stream from `block * BLOCK` on.

    One long integer holds them all, 128 bits apart, so that a product of 64 by 64 bits stays within its own: the steps of
    `draw` are done for all of them at once, which takes a quarter of the time.
    """
    z = ((key + block * BLOCK * GOLDEN_GAMMA & MASK) * _ONES + _STEPS) & _MASKS
    z = ((z ^ (z >> 30 & _MASKS)) * 0xBF58476D1CE4E5B9) & _MASKS
    z = ((z ^ (z >> 27 & _MASKS)) * 0x94D049BB133111EB) & _MASKS
    z ^= z >> 31 & _MASKS
    return _NUMBERS.unpack(z.to_bytes(16 * BLOCK, "little"))


class Draws:
    """A stream that is read place after place, as by the messages of a link: the same numbers as of `draw_between`."""

    __slots__ = ("block", "key", "numbers")

    def __init__(self, key: int) -> None:
        self.key = key
        self.block = -1
        self.numbers: tuple[int, ...] = ()

    def between(self, counter: int, low: int, high: int) -> int:
        """An integer in low .. high, both included."""
        block = counter // BLOCK
        if block != self.block:
            self.block, self.numbers = block, draw_block(self.key, block)
        return low + (self.numbers[counter % BLOCK] * (high - low + 1) >> 64)
