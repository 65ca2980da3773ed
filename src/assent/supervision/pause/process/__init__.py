"""Due process about one run: pauses by inspectors, appeals, panels, the end.

signed order, or signed appeal + the run's case -> what follows, or the reason why not
"""

from assent.supervision.pause.process.conduct import (
    carry_out,
    stand_aside,
    verify_process,
)
from assent.supervision.pause.process.filing import file_appeal

__all__ = ["carry_out", "file_appeal", "stand_aside", "verify_process"]
