"""Teaching: scenarios, lessons in beats and the guide that leads through one, challenges and the score of an attempt.

A scenario is a set-up, a script and an outcome. A lesson is told in beats: a sentence, acts, a condition to wait for. A
challenge is a goal, and the acts that one may spend on it. All are data that make commands and recordings; nothing here
knows a protocol, a room or a browser.
"""

from .challenge import ANY_FAULT, EASY, HARD, MIDDLE, NOBODY_CRASHES, Challenge, Impossible
from .conditions import All, Any, Broken, Condition, Elapsed, Lasting, Moment, Not, Now, Seen
from .guide import Guide
from .lesson import Act, Beat, Lesson, Resolve
from .looking import told
from .scenario import Scenario
from .score import LOST, OPEN, WON, Score
from .script import Script, ScriptFailed

__all__ = [
    "ANY_FAULT", "EASY", "HARD", "LOST", "MIDDLE", "NOBODY_CRASHES", "OPEN", "WON",
    "Act", "All", "Any", "Beat", "Broken", "Challenge", "Condition", "Elapsed", "Guide", "Impossible", "Lasting", "Lesson",
    "Moment", "Not", "Now", "Resolve", "Scenario", "Score", "Script", "ScriptFailed", "Seen", "told",
]  # fmt: skip
