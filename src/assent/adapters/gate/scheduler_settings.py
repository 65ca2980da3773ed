"""The parts of gate.yaml that say how the site's schedulers call things.

    slurm:
      gres: {'gpu:h100': H100 SXM, nic: null}
      signal: TERM
      kill_wait_s: 30

yaml -> SlurmTerms
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from assent.supervision.schedulers import SlurmTerms

_NAMES_MAX = 1_000
_KILL_WAIT_S_MAX = 65_533  # as slurm.conf has it
_Name = Annotated[str, Field(min_length=1, max_length=200)]
_Chips = Annotated[dict[_Name, _Name | None], Field(max_length=_NAMES_MAX)]


class SlurmPart(BaseModel):
    """How Slurm calls accelerators, and which signal tells a job to stop."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    gres: _Chips
    signal: Literal["TERM", "USR1", "USR2", "INT"] = "TERM"
    kill_wait_s: Annotated[int, Field(ge=0, le=_KILL_WAIT_S_MAX)] = 30

    @property
    def terms(self) -> SlurmTerms:
        """The terms as the gate uses them."""
        return SlurmTerms(
            gres=self.gres, signal=self.signal, kill_wait_s=self.kill_wait_s
        )
