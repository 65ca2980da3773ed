"""A meter's counters, as a checkpoint holds them.

plain values <-> MeterState
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assent.supervision.metering import Carried
from assent.vocabulary import InputError
from assent.vocabulary.quantities import COUNT_MAX

FORMAT = "assent-meter-state/1"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class StateMalformed(InputError):
    """What a checkpoint holds is no state of a meter."""


class StateOfAnotherRun(InputError):
    """A checkpoint's counters are of another run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterState:
    """What a checkpoint knows of the run's use of compute.

    Attributes:
        run_id: of which run.
        carried: the last reading before the checkpoint, and its total.
        step: the last optimizer step.
        training_tokens: of the run up to here, without what was rolled back.
        padding_tokens: beside them.

    """

    run_id: str
    carried: Carried
    step: int
    training_tokens: int
    padding_tokens: int

    @property
    def plain(self) -> dict[str, object]:
        """The state as plain values; FLOP are a text, for tensors hold 64 bits."""
        return {
            "format": FORMAT,
            "run_id": self.run_id,
            "digest": self.carried.digest,
            "flop_total": str(self.carried.flop_total),
            "step": self.step,
            "training_tokens": self.training_tokens,
            "padding_tokens": self.padding_tokens,
        }

    @staticmethod
    def parse(state: Mapping[str, Any], run_id: str) -> "MeterState":
        """Return the state that plain values are.

        Raises:
            StateMalformed: if they are none.
            StateOfAnotherRun: if it is of another run.

        """
        try:
            is_of_format = state["format"] == FORMAT
            found = MeterState(
                run_id=str(state["run_id"]),
                carried=Carried(
                    digest=str(state["digest"]), flop_total=int(state["flop_total"])
                ),
                step=int(state["step"]),
                training_tokens=int(state["training_tokens"]),
                padding_tokens=int(state["padding_tokens"]),
            )
        except (KeyError, TypeError, ValueError):
            is_of_format = False
        if (
            not is_of_format
            or not _DIGEST.fullmatch(found.carried.digest)
            or not 0 <= found.carried.flop_total <= COUNT_MAX
            or min(found.step, found.training_tokens, found.padding_tokens) < 0
        ):
            raise StateMalformed(
                f"The checkpoint holds no {FORMAT}.",
                remedy="Save meter.state_dict() in the checkpoint, and load that.",
            )
        if found.run_id != run_id:
            raise StateOfAnotherRun(
                f"The checkpoint is of run {found.run_id}; this is {run_id}.",
                remedy="Declare it as an ancestor of this run, and begin a new count.",
            )
        return found
