"""Quorumscope: a cluster that reaches consensus, run in virtual time and shown event by event in a browser.

The layers, and which may import which, are drawn in `server/DESIGN.md` and held by `tests/test_architecture.py`.
"""

__version__ = "0.1.0"
