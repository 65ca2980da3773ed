"""The commands of `assent gate kubernetes`, their options and help.

argv -> a command's module, imported late
"""

from pathlib import Path
from typing import Annotated

import typer

kubernetes = typer.Typer(help="Let Kubernetes ask the gate.", no_args_is_help=True)
Folder = Annotated[Path, typer.Argument(help="The gate's folder.")]
Socket = Annotated[
    Path | None, typer.Option(help="The gate's socket; by default in its folder.")
]


@kubernetes.command("serve")
def kubernetes_serve(  # noqa: PLR0913, PLR0917 - one argument for each option
    folder: Folder,
    cert: Annotated[Path, typer.Option(help="The webhook's certificate, in PEM.")],
    key: Annotated[Path, typer.Option(help="Its key.")],
    client_ca: Annotated[
        Path | None,
        typer.Option(help="Who signed the API server's client certificate."),
    ] = None,
    host: Annotated[str, typer.Option(help="The address to answer at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port; 0 for any.")] = 8443,
    socket: Socket = None,
) -> None:
    """Answer an API server's AdmissionReviews over TLS, until interrupted."""
    from assent.apps.cli.gate import kubernetes as command

    command.serve(folder, socket, (host, port), (cert, key, client_ca))


@kubernetes.command("manifest")
def kubernetes_manifest(
    url: Annotated[str, typer.Option(help="The webhook's address, https://…")],
    ca: Annotated[Path, typer.Option(help="Who signed its certificate, in PEM.")],
) -> None:
    """Print the manifest by which an API server asks the webhook, and fails closed."""
    from assent.apps.cli.gate import kubernetes as command

    command.write_manifest(url, ca)


@kubernetes.command("watch")
def kubernetes_watch(
    folder: Folder,
    kubeconfig: Annotated[
        Path | None,
        typer.Option(help="How the API server is reached; by default as a pod does."),
    ] = None,
    every: Annotated[float, typer.Option(help="Seconds between two looks.")] = 5.0,
    socket: Socket = None,
) -> None:
    """Stop workloads that have to stop, and those that were never admitted."""
    from assent.apps.cli.gate import kubernetes as command

    command.watch(folder, socket, kubeconfig, every)
