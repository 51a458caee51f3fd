"""The scribe: an observer of a run that writes down what its clients asked and were answered, for a search over all of it.

The witness (`witness.py`) judges while the run goes on and forgets what it no longer needs; the scribe keeps everything.
"""

from __future__ import annotations

from ..simulation import FAILED, OK, Cluster, Event, Invoked, Returned
from .linearizability import History
from .witness import Service


class Scribe:
    """The history of a run's clients: a process is a client, and operations stand at the numbers of events."""

    def __init__(self, service: Service) -> None:
        self.service, self.history = service, History()
        self._open: dict[str, str] = {}
        """By client the operation that it waits for."""

    def observe(self, event: Event, cluster: Cluster) -> None:
        """Writes down what an event tells of clients."""
        for told in event.indications:
            kind = type(told)
            if kind is Invoked:
                self._invoked(told, event)
            elif kind is Returned:
                self._returned(told, event)

    def _invoked(self, invoked: Invoked, event: Event) -> None:
        client = event.host or ""
        if self._open.pop(client, None) is not None:  # it was interrupted, and will never hear what became of it
            self.history.lose(client)
        read = self.service.call_of(invoked.operation, client)
        if read is not None:
            self._open[client] = invoked.id
            self.history.invoke(client, read[1], read[0], event.seq)

    def _returned(self, returned: Returned, event: Event) -> None:
        client = event.host or ""
        if self._open.get(client) != returned.id:
            return
        del self._open[client]
        if returned.outcome == OK:
            self.history.respond(client, returned.result, event.seq)
        elif returned.outcome == FAILED:
            self.history.cancel(client)
        else:
            self.history.lose(client)
