"""Follow a log from outside, and find out if it ever contradicts itself.

MonitorState + LogReader + Policy -> new entries, or SplitView with the evidence

`follow` reads a log's files, `check_witness_views` compares them with what witnesses
hold, `logged_entries` tells official entries from foreign ones.
"""

from assent.translog.monitor.follow import Batch, follow
from assent.translog.monitor.logged_entry import (
    LoggedEntry,
    Selection,
    logged_entries,
)
from assent.translog.monitor.state import (
    STATE_BYTES_MAX,
    MonitorState,
    parse_state,
)
from assent.translog.monitor.witness_views import (
    Outcome,
    WitnessView,
    check_witness_views,
    tree_head_path,
)

__all__ = [
    "STATE_BYTES_MAX",
    "Batch",
    "LoggedEntry",
    "MonitorState",
    "Outcome",
    "Selection",
    "WitnessView",
    "check_witness_views",
    "follow",
    "logged_entries",
    "parse_state",
    "tree_head_path",
]
