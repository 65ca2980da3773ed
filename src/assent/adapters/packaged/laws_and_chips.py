"""The data that ships with assent, and rulebooks in folders of instruments.

package data, folder -> AcceleratorTable, Rulebook
"""

import functools
from importlib import resources
from pathlib import Path

from assent.adapters.files import read_text
from assent.compute.hardware import AcceleratorTable, parse_accelerators
from assent.rulebook import Rulebook, load_rulebook
from assent.vocabulary import NotFound

RULEBOOKS = {
    "world": ("instruments", "World rulebook: treaty proposals and law"),
    "practice": ("practice", "PRACTICE rulebook: laptop-scale thresholds, not law"),
}


@functools.cache
def packaged_accelerators() -> AcceleratorTable:
    """Return the accelerator table that ships with assent."""
    folder = resources.files("assent.compute.hardware")
    return parse_accelerators((folder / "accelerators.csv").read_text("utf-8"))


@functools.cache
def packaged_rulebook(name: str) -> Rulebook:
    """Return a rulebook that ships with assent: `world` or `practice`.

    Raises:
        NotFound: if there is none of that name.

    """
    if name not in RULEBOOKS:
        raise NotFound(
            f"There is no rulebook {name!r}.",
            remedy=f"Use one of: {', '.join(RULEBOOKS)}; or a folder of instruments.",
        )
    folder, title = RULEBOOKS[name]
    found = resources.files("assent.rulebook") / folder
    texts = {
        entry.name: entry.read_text("utf-8")
        for entry in found.iterdir()
        if entry.name.endswith(".yaml")
    }
    return load_rulebook(texts, title=title)


def rulebook_in(folder: Path) -> Rulebook:
    """Return the rulebook of the instruments in a folder, one YAML file each.

    Raises:
        NotFound: if the folder cannot be read.
        DocumentInvalid, RulebookInvalid: if an instrument is unsound.

    """
    paths = sorted(folder.glob("*.yaml"))
    return load_rulebook({p.name: read_text(p) for p in paths}, title=folder.name)
