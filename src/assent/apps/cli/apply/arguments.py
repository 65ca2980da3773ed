"""Arguments that the commands on cases share.

argv -> the agency's folder, a case, and who acts
"""

from pathlib import Path
from typing import Annotated

import typer

Agency = Annotated[Path, typer.Argument(help="The agency's folder.")]
Case = Annotated[str, typer.Argument(help="A case, as application-2026-0001.")]
Consulted = Annotated[str, typer.Argument(help="A case, as consultation-2026-0001.")]
File = Annotated[Path, typer.Argument(help="An application (YAML or JSON).")]
Actor = Annotated[
    str, typer.Option("--as", help="Who acts; the case records this name.")
]
Documents = Annotated[
    list[Path] | None,
    typer.Option("--document", help="A file to hand in; may be given again."),
]
Recipients = Annotated[
    list[str] | None,
    typer.Option(
        "--recipient", help="Instead of --agency: an age1… for each --to, in order."
    ),
]
AgencyOption = Annotated[
    Path | None, typer.Option("--agency", help="The agency's folder.")
]
PassphraseFile = Annotated[
    Path | None,
    typer.Option(help="Read the passphrase here instead of asking for it."),
]
