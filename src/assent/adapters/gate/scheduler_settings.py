"""The parts of gate.yaml that say how the site's schedulers call things.

    slurm:
      gres: {'gpu:h100': H100 SXM, nic: null}
      signal: TERM
      kill_wait_s: 30
    kubernetes:
      products: {NVIDIA-H100-80GB-HBM3: H100 SXM}
      accounts: {training: labs}
      resources: {rdma/hca: null}

yaml -> SlurmTerms, KubernetesTerms
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from assent.supervision.schedulers import CONTROLLERS, KubernetesTerms, SlurmTerms

_NAMES_MAX = 1_000
_NAMESPACES_MAX = 100_000
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


class KubernetesPart(BaseModel):
    """How Kubernetes calls accelerators and accounts, and whom the webhook believes."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    products: Annotated[dict[_Name, _Name], Field(max_length=_NAMES_MAX)]
    accounts: Annotated[dict[_Name, _Name], Field(max_length=_NAMESPACES_MAX)]
    resources: _Chips = {}
    controllers: Annotated[list[_Name], Field(max_length=100)] = list(CONTROLLERS)

    @property
    def terms(self) -> KubernetesTerms:
        """The terms as the webhook uses them."""
        return KubernetesTerms(
            products=self.products,
            accounts=self.accounts,
            resources=self.resources,
            controllers=frozenset(self.controllers),
        )
