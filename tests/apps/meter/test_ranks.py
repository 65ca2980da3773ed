"""Processes of torch.distributed add up what they do, beyond 64 bits too."""

import os
import subprocess
import sys
from pathlib import Path

from tests.metered import STEP, flop_of, spent

from assent.apps.meter.ranks import Alone, find_ranks

ROOT = Path(__file__).parents[3]
TRAIN = """
import sys, torch
from pathlib import Path
from tests.metered import BATCH, open_meter, permit_of, STEP, flop_of
folder, rank = Path(sys.argv[1]), int(sys.argv[2])
torch.distributed.init_process_group(
    "gloo", init_method=f"file://{folder}/meet", rank=rank, world_size=2)
from assent.apps.meter.ranks import find_ranks
big = find_ranks().sum([10**35 + rank, rank, 0])
assert big == [2 * 10**35 + 1, 1, 0], big
permit = permit_of(flop=4 * (STEP + flop_of(4, 9)))
with open_meter(folder / "meter", permit) as meter:
    done = sum(1 for _ in meter.batches([BATCH if rank == 0 else (4, 9)] * 9))
    assert done == 4, done
    assert meter.stop is not None
    assert (meter.keeper is None) == (rank == 1)
torch.distributed.destroy_process_group()
"""


def test_two_processes_are_metered_as_one_run(tmp_path: Path) -> None:
    processes = [
        subprocess.Popen(  # noqa: S603 - our own lines
            [sys.executable, "-c", TRAIN, str(tmp_path), str(rank)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
            stderr=subprocess.PIPE,
        )
        for rank in range(2)
    ]
    said = [process.communicate(timeout=120)[1].decode() for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    assert spent(tmp_path / "meter") == 4 * (STEP + flop_of(4, 9))


def test_one_process_is_alone() -> None:
    assert find_ranks() == Alone()
    assert Alone().sum([10**40, 7]) == [10**40, 7]
