"""A gate on a disk: its settings, its owners, and the papers that it holds.

folder -> GateFolder -> Site, PaperFolder
"""

from assent.adapters.gate.paper_folder import PaperFolder, fetch_papers, keep_request
from assent.adapters.gate.settings import (
    IN_DATABASE,
    IN_FOLDER,
    GateFolder,
    create_gate_folder,
    open_gate_folder,
)
from assent.adapters.gate.tally_file import TallyFile

__all__ = [
    "IN_DATABASE",
    "IN_FOLDER",
    "GateFolder",
    "PaperFolder",
    "TallyFile",
    "create_gate_folder",
    "fetch_papers",
    "keep_request",
    "open_gate_folder",
]
