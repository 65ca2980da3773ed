"""Arguments and options that several commands of `assent log` share."""

from pathlib import Path
from typing import Annotated

import typer

LogFolder = Annotated[Path, typer.Argument(help="The log's folder.")]
PolicyFile = Annotated[
    Path, typer.Option("--policy", help="Whom to believe: logs, witnesses, quorum.")
]
Place = Annotated[str, typer.Argument(help="The log's URL, or a folder of its files.")]
