"""Tell how long ago a quorum vouched for a tree head, and whether that is too long.

believed tree head + Policy -> time of its newest quorum; time + now -> fresh, or stale

A log that stands still for somebody shows them a tree head that was cosigned long ago.
An honest log in which nothing happens has its witnesses sign again
(`assent log publish --refresh`).
"""

from assent.translog.errors import CosignatureStale
from assent.translog.formats.policy import Policy
from assent.translog.formats.signed_head import SignedTreeHead, cosigners_of

AGE_MAX_S = 86_400  # a log refreshes its cosignatures once a day
AHEAD_S_MAX = 300  # clocks differ by seconds; five minutes is a broken one


def witnessed_s(signed: SignedTreeHead, policy: Policy) -> int | None:
    """Return the latest time at or after which a quorum cosigned, in POSIX seconds.

    None if the policy asks for no witness, or too few cosigned. Fewer than a quorum
    cannot move it.

    Raises:
        CosignatureMalformed, CosignatureInvalid: as `cosigners_of` does.

    """
    times = cosigners_of(signed, [witness.key for witness in policy.witnesses])
    newest_first = sorted(times, key=times.__getitem__, reverse=True)
    for count in range(len(newest_first) + 1):
        if policy.is_quorum(newest_first[:count]):
            return times[newest_first[count - 1]] if count else None
    return None


def verify_freshness(time_s: int, *, now_s: int, age_max_s: float) -> None:
    """Check that a time is neither too long ago nor to come.

    Args:
        time_s: when a quorum cosigned, POSIX time in seconds.
        now_s: the time now, likewise.
        age_max_s: how many seconds ago it may be.

    Raises:
        CosignatureStale: if it is.

    """
    age_s = now_s - time_s
    if age_s < -AHEAD_S_MAX:
        raise CosignatureStale(
            f"A quorum says it cosigned {-age_s} s from now.",
            remedy="Set this clock right; if it is, tell the witnesses.",
        )
    if not age_s <= age_max_s:
        raise CosignatureStale(
            f"A quorum cosigned last {age_s} s ago: the log may stand still for you.",
            remedy="Compare with what others see, and ask the log's operator to publish"
            " with fresh cosignatures.",
        )
