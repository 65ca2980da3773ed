"""A chip that is in no table, at the rate that a site vouches for.

name + FLOP a second -> Accelerator
"""

from assent.compute.hardware import Accelerator, DensePeak, Mark, Precision, Unit


def own_chip(name: str, flop_per_s: int, source: str) -> Accelerator:
    """Return a row of which nothing is known but the rate.

    Args:
        name: as jobs and permits call it.
        flop_per_s: the most that it can do, dense.
        source: who says so.

    """
    return Accelerator(
        accelerator_id=name,
        name=name,
        vendor="",
        unit=Unit.PACKAGE,
        aliases=(),
        peaks=(DensePeak(precision=Precision.FP32, flop_per_s=flop_per_s),),
        memory_bytes=None,
        memory_byte_per_s=None,
        interconnect_byte_per_s=None,
        tdp_w=None,
        die_area_mm2=None,
        dies=None,
        datacenter=False,
        released="",
        source=source,
        mark=Mark.MEMORY,
        note="stated by the site",
    )
