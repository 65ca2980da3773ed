"""Authorizing AI training before it starts.

The folders below are the stages of the flow, and a stage imports only from the stages
before it: vocabulary, then compute and rulebook, then authorisation (declaration,
assessment), then adapters, wiring and apps. ARCHITECTURE.md tells the whole story.
"""

__version__ = "0.1.0"

_PLACES = {
    "Meter": "assent.apps.meter",
    "MeterCallback": "assent.apps.meter.huggingface",
    "MeterLightningCallback": "assent.apps.meter.lightning",
    "meter": "assent.apps.meter",
}


def __getattr__(name: str) -> object:
    """Import what a training script asks for, when it asks."""
    if name not in _PLACES:
        raise AttributeError(f"module 'assent' has no attribute {name!r}")
    import importlib  # noqa: PLC0415 - importing assent stays quick

    return getattr(importlib.import_module(_PLACES[name]), name)
