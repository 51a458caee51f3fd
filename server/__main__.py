"""The command line: `python -m server [serve|simulate|replay]`, installed as `quorumscope`.

The only file that names eventlet. It replaces the blocking parts of the standard library, which must happen before
anything else is imported that uses them; so nothing is imported here above `main`, and nothing of the project before
`_runtime`.
"""

import gc
import sys
from collections.abc import Callable, Sequence
from typing import Any


def main(argv: Sequence[str] | None = None, contents: Callable[[], Any] | None = None) -> int:
    """Runs a command and returns its exit code: 0, or 2 for an argument or a setting that makes no sense.

    `contents` makes the lobby and the shelf that are served; without it, those of the project.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    gc.disable()  # of what is being imported nothing is garbage, and looking for it takes a tenth of the start
    try:
        runtime = _runtime() if _serves(words) else None
        from server import cli
    finally:
        gc.freeze()
        gc.enable()

    return cli.run(words, runtime, contents)


def _serves(words: Sequence[str]) -> bool:
    """`simulate` and help need no server, and start faster without it."""
    return (not words or words[0] == "serve" or words[0].startswith("-")) and not {"-h", "--help"} & set(words)


def _runtime() -> Any:
    import os
    import warnings

    # We look up one name, that of our own host; eventlet's resolver in Python would cost 0.1 s at every start.
    os.environ.setdefault("EVENTLET_NO_GREENDNS", "yes")
    # It says that it is in bug-fix mode; server/DESIGN.md says why it is used all the same.
    warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
    import eventlet

    eventlet.monkey_patch()
    import eventlet.tpool
    import eventlet.websocket
    import eventlet.wsgi

    from server.cli.serve import Runtime
    from server.web.guards.websocket import guarded_websocket

    eventlet.websocket.RFC6455WebSocket = guarded_websocket(eventlet.websocket.RFC6455WebSocket)
    return Runtime(
        async_mode="eventlet",
        listen=eventlet.listen,
        serve=eventlet.wsgi.server,
        spawn=eventlet.spawn,
        sleep=eventlet.sleep,
        call=eventlet.tpool.execute,
    )


if __name__ == "__main__":
    sys.exit(main())
