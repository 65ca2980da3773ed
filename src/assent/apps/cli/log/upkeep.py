"""`assent log rebuild | fsck`: make public files again, find damage, repair it.

folder -> defects and what was done about them
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from assent.apps.cli.log.output import counting, write_lines
from assent.translog.errors import LogDamaged
from assent.translog.keeping.fsck import Defect, Severity, check_log, repair_log
from assent.translog.keeping.fsck import rebuild as rebuild_files
from assent.wiring import log as wiring

SHOWN_MAX = 100  # of a thousand torn tiles nobody reads the last


def rebuild(folder: Path) -> None:
    """Make every public file again from the database."""
    with wiring.open_log(folder) as log, counting("files") as tell:
        rebuild_files(log.store, log.files, tell)
    write_lines(f"{folder}: every public file is as the database has it")


def fsck(folder: Path, *, repair: bool) -> None:
    """Check a log, and repair it if that is asked for.

    Raises:
        LogDamaged: if something is wrong and was not repaired.

    """
    with wiring.open_log(folder) as log, counting("entries") as tell:
        place = log.place
        run = repair_log if repair else check_log
        keys = [line.key for line in place.policy.logs_for(place.origin)]
        defects = run(
            log.store, log.files, place.origin, keys, place.policy, progress=tell
        )
    _show(defects)
    if not defects:
        write_lines(f"{folder}: all is well")
    elif repair:
        write_lines(f"{folder}: mended")
    elif any(defect.severity is not Severity.HARMLESS for defect in defects):
        raise _damaged(folder, defects)


def _show(defects: Sequence[Defect]) -> None:
    for defect in defects[:SHOWN_MAX]:
        write_lines(f"{defect.severity.value}: {defect.where}: {defect.what}")
    if len(defects) > SHOWN_MAX:
        sys.stderr.write(f"and {len(defects) - SHOWN_MAX} more\n")


def _damaged(folder: Path, defects: Sequence[Defect]) -> LogDamaged:
    if any(defect.severity is Severity.FATAL for defect in defects):
        remedy = "Restore the newest backup, or the entries from a mirror."
    else:
        remedy = "Run `assent log fsck --repair`."
    return LogDamaged(f"The log in {folder} is damaged.", remedy=remedy)
