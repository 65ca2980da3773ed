"""The meter in a plain PyTorch loop, and in whatever calls a module to train it.

module + meter -> a hook that counts each forward pass of training

A loop that has its batches in hand needs none of this: `for batch in
meter.batches(loader)` counts and stops by itself.
"""

from typing import Any

from assent.apps.meter.meter import Meter


def count_forward_passes(module: Any, meter: Meter) -> Any:  # noqa: ANN401 - torch's, imported by who trains
    """Count every forward pass that is made for training; return the hook's handle.

    Call `meter.end_step()` after each optimizer step and `remove()` on the handle at
    the end. Passes of a module in evaluation mode, or without gradients, are not
    training and not counted; nor are parts of the module called by themselves.
    """
    import torch

    def hook(called: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:  # noqa: ANN401
        if called.training and torch.is_grad_enabled():
            meter.add(kwargs if "input_ids" in kwargs else args[0] if args else kwargs)

    return module.register_forward_pre_hook(hook, with_kwargs=True)
