"""Do the same with many cases, so that one that fails does not stop the others.

case ids + what to do -> results; the failures together, at the end

One case that can not be closed, whoever made it so, must not keep suspensions from
being announced or permits from ending.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

from assent.translog.errors import StoreUnavailable
from assent.vocabulary import AssentError

Result = TypeVar("Result")
Failures = dict[str, AssentError]  # by case
_SHOWN_MAX = 5


class WorkIncomplete(AssentError):
    """Some cases could not be worked on; everything else was done.

    `failures` are the cases and what went wrong.
    """

    def __init__(self, failures: Failures) -> None:
        """Keep the failures, and tell of the first of them."""
        told = "\n  ".join(
            f"{case_id}: {error.message}"
            for case_id, error in list(failures.items())[:_SHOWN_MAX]
        )
        first = next(iter(failures.values()))
        super().__init__(
            f"{len(failures)} cases could not be worked on; everything else was"
            f" done.\n  {told}",
            remedy=first.remedy,
        )
        self.failures = failures


def each(
    case_ids: Iterable[str],
    act: Callable[[str], Result | None],
    failures: Failures,
) -> list[Result]:
    """Return what `act` made of each case that it made something of.

    Failures are added to those that are given.

    Raises:
        StoreUnavailable: at once; no other case would fare better.

    """
    results = []
    for case_id in case_ids:
        try:
            result = act(case_id)
        except StoreUnavailable:
            raise
        except AssentError as error:
            failures[case_id] = error
        else:
            if result is not None:
                results.append(result)
    return results
