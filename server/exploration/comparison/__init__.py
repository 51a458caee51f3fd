"""Comparing protocols: the same requests, the same faults, many seeds, and figures that are measured and never asserted.

    comparison = Comparison((Contestant("raft"), Contestant("raft", {"heartbeat_interval": 100_000})), seeds=10)
    reporter = Reporter(comparison)
    results = {index: play(trial) for index, trial in enumerate(reporter.trials)}
    reporter.report(results)

Whoever has processes plays the trials in them (`server.cli.compare`); nothing here knows of any. `live.py` has the first
runs of a comparison with their history, to be watched.

What was left out: other delays than a link's usual ones, more than one span in a comparison, and requests that depend on
the answers to earlier ones.
"""

from .faults import BUILT_IN, Schedule, from_recording, from_scenario, schedule_from
from .files import runs_csv, table_csv
from .meter import PATIENCE, Counters, Meter
from .plan import CONTESTANTS_MAX, Comparison, Contestant, comparison_from
from .report import Reporter, shown
from .trial import Measured, Trial, play
from .workloads import CLIENTS, SLOT, WORKLOADS, Workload, choose, served_by, workload

__all__ = [
    "BUILT_IN",
    "CLIENTS",
    "CONTESTANTS_MAX",
    "PATIENCE",
    "SLOT",
    "WORKLOADS",
    "Comparison",
    "Contestant",
    "Counters",
    "Measured",
    "Meter",
    "Reporter",
    "Schedule",
    "Trial",
    "Workload",
    "choose",
    "comparison_from",
    "from_recording",
    "from_scenario",
    "play",
    "runs_csv",
    "schedule_from",
    "served_by",
    "shown",
    "table_csv",
    "workload",
]
