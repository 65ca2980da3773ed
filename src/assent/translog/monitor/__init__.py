"""Follow a log from outside, and find out if it ever contradicts itself.

MonitorState + LogReader + Policy -> new entries, or SplitView with the evidence

`look` is all of it at once. `follow` reads a log's files, `check_witness_views`
compares them with what witnesses hold, `remember` and `verify_patience` hold the log to
what it signed and did not show, `verify_freshness` tells old cosignatures from new,
`logged_entries` official entries from foreign ones.
"""

from assent.translog.monitor.follow import Batch, follow
from assent.translog.monitor.freshness import (
    AGE_MAX_S,
    verify_freshness,
    witnessed_s,
)
from assent.translog.monitor.logged_entry import (
    LoggedEntry,
    Selection,
    logged_entries,
)
from assent.translog.monitor.look import Limits, Listener, Seen, look
from assent.translog.monitor.owed import (
    PATIENCE_S,
    OwedHead,
    remember,
    verify_patience,
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
    "AGE_MAX_S",
    "PATIENCE_S",
    "STATE_BYTES_MAX",
    "Batch",
    "Limits",
    "Listener",
    "LoggedEntry",
    "MonitorState",
    "Outcome",
    "OwedHead",
    "Seen",
    "Selection",
    "WitnessView",
    "check_witness_views",
    "follow",
    "logged_entries",
    "look",
    "parse_state",
    "remember",
    "tree_head_path",
    "verify_freshness",
    "verify_patience",
    "witnessed_s",
]
