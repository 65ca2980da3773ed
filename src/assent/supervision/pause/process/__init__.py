"""One run: where it stands; due process by inspectors, appeals, panels, to the end.

signed order, or signed appeal + the run's case -> what follows, or the reason why not
"""

from assent.supervision.pause.process.conduct import (
    carry_out,
    stand_aside,
    verify_process,
)
from assent.supervision.pause.process.filing import file_appeal

__all__ = ["carry_out", "file_appeal", "stand_aside", "verify_process"]
