"""Teaching: scenarios, lessons in beats, and the guide that leads through one.

A scenario is a set-up, a script and an outcome. A lesson is told in beats: a sentence, acts, a condition to wait for.
Both are data that make commands and recordings; nothing here knows a protocol, a room or a browser.
"""

from .conditions import All, Any, Broken, Condition, Elapsed, Moment, Now, Seen
from .guide import Guide
from .lesson import Act, Beat, Lesson, Resolve
from .looking import told
from .scenario import Scenario
from .script import Script, ScriptFailed

__all__ = [
    "Act", "All", "Any", "Beat", "Broken", "Condition", "Elapsed", "Guide", "Lesson", "Moment", "Now", "Resolve",
    "Scenario", "Script", "ScriptFailed", "Seen", "told",
]  # fmt: skip
