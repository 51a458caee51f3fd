"""The real server around the fake lobby: `python -m tests.web.serve`."""

import sys

from server.__main__ import main


def _contents() -> object:
    # Imported here, after eventlet has patched.
    from server.web.guards import headers
    from tests.web.fakes import contents

    usual = headers.NoCompression.__call__

    def breakable(self, environ, start_response):  # type: ignore[no-untyped-def]
        if environ["PATH_INFO"] == "/break-outside":
            raise RuntimeError("outside of every handler")
        return usual(self, environ, start_response)

    headers.NoCompression.__call__ = breakable  # type: ignore[method-assign]
    return contents()


if __name__ == "__main__":
    sys.exit(main(contents=_contents))
