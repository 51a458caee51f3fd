"""The real server around the fake lobby: `python -m tests.web.serve`."""

import sys

from server.__main__ import main


def _contents() -> object:
    # Imported here, after eventlet has patched.
    from server.web.guards import headers
    from tests.web.fakes import contents

    def endless():  # type: ignore[no-untyped-def]
        try:
            while True:
                yield b"x" * 65_536
        finally:
            print("nobody reads on", file=sys.stderr, flush=True)

    usual = headers.NoCompression.__call__

    def breakable(self, environ, start_response):  # type: ignore[no-untyped-def]
        if environ["PATH_INFO"] == "/break-outside":
            raise RuntimeError("outside of every handler")
        if environ["PATH_INFO"] == "/break-of-its-own":
            raise ConnectionResetError("of somebody else")
        if environ["PATH_INFO"] == "/endless":
            start_response("200 OK", [("Content-Type", "text/plain")])
            return endless()
        return usual(self, environ, start_response)

    headers.NoCompression.__call__ = breakable  # type: ignore[method-assign]
    return contents()


if __name__ == "__main__":
    sys.exit(main(contents=_contents))
