"""`python -m tests.bench.forgetful`: the server without its keeper. It shows what happens at once and keeps nothing."""

from __future__ import annotations

import sys


def _contents() -> object:
    # Imported here, after eventlet has patched.
    from server.cli.serve import _contents

    lobby, shelf, *_ = _contents()
    return lobby, shelf


if __name__ == "__main__":
    from server.__main__ import main

    sys.exit(main([], contents=_contents))
