"""Sums over the processes of one run, so that one of them meters for all.

whole numbers of each rank -> their sums, the same at every rank

FLOP outgrow 64 bits, which is what processes can add up, so each number travels in
limbs of 31 bits. The sums run over a group of their own on the CPUs: a sum on the
accelerators would wait for everything that is queued there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

_LIMB_BITS = 31  # the sum over 2**32 ranks still fits a signed word of 64 bits
_LIMBS = 4  # numbers up to 2**124; a count has at most 120 bits
_MASK = (1 << _LIMB_BITS) - 1


class Ranks(Protocol):
    """The processes of a run."""

    @property
    def size(self) -> int:
        """How many there are."""

    @property
    def is_first(self) -> bool:
        """Whether this one keeps the readings."""

    def sum(self, numbers: Sequence[int]) -> list[int]:
        """Return the sum of each number over all ranks, all of which call this."""


@dataclass(frozen=True, slots=True)
class Alone:
    """One process."""

    size: int = 1
    is_first: bool = True

    def sum(self, numbers: Sequence[int]) -> list[int]:
        """Return the numbers."""
        return list(numbers)


class TorchRanks:
    """The processes of `torch.distributed`; make it at all of them at once."""

    def __init__(self) -> None:
        """Make a group on the CPUs."""
        import torch

        self._torch: Any = torch
        self._group: Any = torch.distributed.new_group(backend="gloo")
        self.size: int = torch.distributed.get_world_size()
        self.is_first: bool = torch.distributed.get_rank() == 0

    def sum(self, numbers: Sequence[int]) -> list[int]:
        """Return the sum of each number over all ranks, all of which call this."""
        limbs = [
            number >> (_LIMB_BITS * place) & _MASK
            for number in numbers
            for place in range(_LIMBS)
        ]
        tensor = self._torch.tensor(limbs, dtype=self._torch.int64)
        self._torch.distributed.all_reduce(tensor, group=self._group)
        summed = tensor.tolist()
        return [
            sum(
                summed[start + place] << (_LIMB_BITS * place) for place in range(_LIMBS)
            )
            for start in range(0, len(summed), _LIMBS)
        ]


def find_ranks() -> Ranks:
    """Return the ranks of `torch.distributed` if it is in use, else this process."""
    import sys

    torch: Any = sys.modules.get("torch")
    is_used = (
        torch is not None
        and torch.distributed.is_available()
        and torch.distributed.is_initialized()
    )
    if is_used and torch.distributed.get_world_size() > 1:
        return TorchRanks()
    return Alone()
