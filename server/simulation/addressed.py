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

MASK = (1 << 64) - 1
GOLDEN_GAMMA = 0x9E3779B97F4A7C15


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
    z = (key + counter * GOLDEN_GAMMA) & MASK  # `draw` once more, written out: every message and timer comes here
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return low + ((z ^ (z >> 31)) * (high - low + 1) >> 64)


def draw_percent(key: int, counter: int, percent: int) -> bool:
    """True in `percent` of a hundred addresses."""
    return draw(key, counter) * 100 >> 64 < percent
