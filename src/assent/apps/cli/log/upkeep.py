"""`assent log rebuild | fsck | backup | catch-up | audit`: keep a log whole.

folder -> defects and what was done about them; URL or folder + policy -> defects
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from assent.adapters.translog.files import reader_for
from assent.adapters.translog.folder import read_policy
from assent.apps.cli.log.output import counting, write_lines
from assent.translog.errors import LogDamaged, QuorumNotMet, TileDamaged
from assent.translog.formats.keys import VerifierKey
from assent.translog.formats.policy import verify_tree_head_by_policy
from assent.translog.keeping.fsck import (
    Defect,
    Repaired,
    Severity,
    check_log,
    check_remote,
    repair_log,
)
from assent.translog.keeping.fsck import catch_up as catch_up_with
from assent.translog.keeping.fsck import rebuild as rebuild_files
from assent.translog.reading import read_tree_head
from assent.wiring import log as wiring

SHOWN_MAX = 100  # of a thousand torn tiles nobody reads the last


def rebuild(folder: Path) -> None:
    """Make every public file again from the database."""
    with wiring.open_log(folder) as log, counting("entries") as tell:
        rebuild_files(log.store, log.files, _keys(log), tell)
    write_lines(f"{folder}: every public file is as the database has it")


def fsck(folder: Path, *, repair: bool) -> None:
    """Check a log, and repair it if that is asked for.

    Raises:
        LogDamaged: if something is wrong and was not repaired.
        QuorumNotMet: if nothing is, and the policy asks for more witnesses than those
            that cosigned.

    """
    with wiring.open_log(folder) as log, counting("entries") as tell:
        origin, policy = log.place.origin, log.place.policy
        what = (log.store, log.files, origin, _keys(log), policy, tell)
        done = repair_log(*what) if repair else _unmended(check_log(*what))
    _show(done.mended, "mended")
    _show(done.left)
    severities = {defect.severity for defect in done.left}
    if severities & {Severity.DAMAGED, Severity.FATAL}:
        raise _damaged(folder, done, repair=repair)
    if Severity.UNWITNESSED in severities:
        raise QuorumNotMet(
            f"The log in {folder} is sound; its policy asks for more witnesses than"
            " cosigned its public tree head.",
            remedy="Run `assent log publish --refresh`.",
        )
    write_lines(f"{folder}: all is well")


def back_up(folder: Path, target: Path) -> None:
    """Copy the database whole, while others append."""
    wiring.back_up_log(folder, target)
    write_lines(f"{target} holds the database of {folder}")


def catch_up(folder: Path, source: str) -> None:
    """Add to a restored database what is public and it lacks."""
    with wiring.open_log(folder) as log, counting("entries") as tell:
        before = log.prover.size()
        head = catch_up_with(
            log.store,
            reader_for(source),
            log.place.policy,
            origin=log.place.origin,
            progress=tell,
        ).head
    write_lines(
        f"{folder} holds all {head.size} entries that are public in {source},"
        f" {max(0, head.size - before)} of them added"
    )
    sys.stderr.write(
        "Run `assent log publish` before anything is appended: the witnesses know"
        " whether more was public.\n"
    )


def audit(source: str, policy_path: Path) -> None:
    """Fetch all of anybody's log, and check every entry and tile.

    Raises:
        TileDamaged: if a file is missing, or not the one that was signed.

    """
    policy, files = read_policy(policy_path), reader_for(source)
    head = verify_tree_head_by_policy(read_tree_head(files), policy).signed.head
    with counting("files") as tell:
        found = check_remote(files, policy, origin=head.origin, progress=tell)
    _show(found)
    if found:
        raise TileDamaged(
            f"Files in {source} are missing or not those that {head.origin} signed.",
            remedy="Tell whoever serves them. In a log of one's own `assent log fsck"
            " --repair` mends them, in a mirror `assent log mirror --recheck`.",
        )
    write_lines(
        f"{source}: every entry and tile of {head.origin} is the one in its tree head"
        f" of {head.size} entries"
    )


def _keys(log: wiring.OpenLog) -> list[VerifierKey]:
    return [line.key for line in log.place.policy.logs_for(log.place.origin)]


def _unmended(found: list[Defect]) -> Repaired:
    return Repaired(mended=[], left=found)


def _show(defects: Sequence[Defect], how: str | None = None) -> None:
    for defect in defects[:SHOWN_MAX]:
        write_lines(f"{how or defect.severity.value}: {defect.where}: {defect.what}")
    if len(defects) > SHOWN_MAX:
        sys.stderr.write(f"and {len(defects) - SHOWN_MAX} more\n")


def _damaged(folder: Path, done: Repaired, *, repair: bool) -> LogDamaged:
    if repair:
        what = f"{len(done.mended)} defects of the log in {folder} were mended, not all"
    else:
        what = f"The log in {folder} is damaged"
    if any(defect.severity is Severity.FATAL for defect in done.left):
        remedy = (
            "Append nothing more. Restore the newest backup; then `assent log catch-up`"
            " adds what is public or in a mirror."
        )
    elif any(defect.is_repairable for defect in done.left):
        remedy = "Run `assent log fsck --repair`."
    else:
        remedy = (
            "Do what each line says. What is left is in no entry: a backup of the"
            " database may have it, which `assent log catch-up` then completes."
        )
    return LogDamaged(f"{what}.", remedy=remedy)
