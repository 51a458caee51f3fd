"""The world: virtual time, hosts, links, clients, commands, events and recordings.

A run is a function of its inputs: `Recording` holds them, `Run` plays them, `History` keeps every event and can show the
world after any of them. Nothing in this package knows which protocol runs, reads a clock or draws a number without an
address. It needs the standard library only.
"""

from .cluster import Cluster
from .commands import Command, command_as_dict, command_from, refusal
from .events import COMMAND, DELIVER, LOST, Event, Timer
from .ground import CLIENTS_MAX, NODES_MAX
from .history import History, digest_of, encode
from .network import Flight, Link
from .node import ClientNode, Node, Program, Setting, choice, durable, on, on_timer, param, rule, volatile
from .operations import FAILED, OK, UNKNOWN, Invoked, Returned
from .recording import Given, Recording, recording_from, recording_from_json
from .run import Observer, Run
from .texts import N_, Refused
from .values import Log, plain, tagged, value

__all__ = [
    "CLIENTS_MAX",
    "COMMAND",
    "DELIVER",
    "FAILED",
    "LOST",
    "NODES_MAX",
    "N_",
    "OK",
    "UNKNOWN",
    "ClientNode",
    "Cluster",
    "Command",
    "Event",
    "Flight",
    "Given",
    "History",
    "Invoked",
    "Link",
    "Log",
    "Node",
    "Observer",
    "Program",
    "Recording",
    "Refused",
    "Returned",
    "Run",
    "Setting",
    "Timer",
    "choice",
    "command_as_dict",
    "command_from",
    "digest_of",
    "durable",
    "encode",
    "on",
    "on_timer",
    "param",
    "plain",
    "recording_from",
    "recording_from_json",
    "refusal",
    "rule",
    "tagged",
    "value",
    "volatile",
]  # fmt: skip
