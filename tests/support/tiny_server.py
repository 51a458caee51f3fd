"""The real server with two protocols more, those of `tiny.py`: `python -m tests.support.tiny_server`."""

import sys

from server.__main__ import main


def _contents() -> object:
    # Imported here, after eventlet has patched.
    from server.cli import serve
    from server.protocols import PROTOCOLS
    from tests.support.tiny import BARE, TINY

    PROTOCOLS.update({protocol.name: protocol for protocol in (TINY, BARE)})
    return serve._contents()


if __name__ == "__main__":
    sys.exit(main(contents=_contents))
