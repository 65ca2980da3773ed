"""How an API server is reached, and as whom.

kubeconfig, or the account that a pod is given -> Access

    apiVersion: v1
    kind: Config
    current-context: gate
    contexts: [{name: gate, context: {cluster: toy, user: gate}}]
    clusters: [{name: toy, cluster: {server: 'https://10.0.0.5:6443', certificate-authority: ca.crt}}]
    users: [{name: gate, user: {tokenFile: token}}]

Of a kubeconfig this is all that counts, and `-data` in place of files. A server without
a certificate to believe is refused, and so are programs that would fetch credentials.
"""  # noqa: E501 - the literal is the format

import base64
import binascii
import os
import ssl
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from assent.adapters.files import FILE_BYTES_MAX, read_bytes
from assent.vocabulary import InputError

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_TOKEN_BYTES_MAX = 100_000
_HOW = "See `Kubernetes` in docs/gate.md for what a kubeconfig may say here."


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Where an API server is, and who asks.

    Attributes:
        server: its URL.
        tls: whom to believe, and the client's certificate if it has one.
        bearer: a bearer secret, or the file in which the newest one is; None for none.

    """

    server: str
    tls: ssl.SSLContext
    bearer: str | Path | None = None

    @property
    def headers(self) -> dict[str, str]:
        """What each question carries; the secret is read anew, for it is renewed."""
        if self.bearer is None:
            return {}
        secret = self.bearer
        if isinstance(secret, Path):
            secret = read_bytes(secret, _TOKEN_BYTES_MAX).decode("ascii", "replace")
        return {"Authorization": f"Bearer {secret.strip()}"}


def access_within(
    account: Path = SERVICE_ACCOUNT, environment: Mapping[str, str] = os.environ
) -> Access:
    """Return the access that a pod is given to the API server of its cluster.

    Raises:
        InputError: if this process runs in no pod.
        NotFound: if its account was not mounted.

    """
    host = environment.get("KUBERNETES_SERVICE_HOST")
    port = environment.get("KUBERNETES_SERVICE_PORT", "443")
    if not host:
        raise InputError(
            "This process runs in no pod, so no API server is known.",
            remedy="Name a kubeconfig (--kubeconfig), or run it in the cluster.",
        )
    authority = read_bytes(account / "ca.crt", FILE_BYTES_MAX)
    where = f"[{host}]" if ":" in host else host
    return Access(
        server=f"https://{where}:{port}",
        tls=_context(authority),
        bearer=account / "token",
    )


def access_from(kubeconfig: Path) -> Access:
    """Return the access of a kubeconfig's current context.

    Raises:
        InputError: if it says what is not understood here, or too little.
        NotFound: if a file is missing.

    """
    try:
        found = yaml.safe_load(read_bytes(kubeconfig, FILE_BYTES_MAX))
        context = _named(found, "contexts", found["current-context"])["context"]
        cluster = _named(found, "clusters", context["cluster"])["cluster"]
        user = _named(found, "users", context["user"])["user"]
        server = str(cluster["server"]).rstrip("/")
    except (KeyError, TypeError, ValueError, yaml.YAMLError) as error:
        raise InputError(
            f"{kubeconfig} names no server and user for its current context"
            f" ({error!r:.80}).",
            remedy=_HOW,
        ) from None
    unknown = user.keys() & {"exec", "auth-provider", "username", "as"}
    if unknown or cluster.get("insecure-skip-tls-verify") or "https://" not in server:
        raise InputError(
            f"{kubeconfig} wants what is not done here:"
            f" {', '.join(sorted(unknown)) or 'a server that nobody vouches for'}.",
            remedy="Give it the token of a ServiceAccount, or a client certificate, and"
            " the server's authority.",
        )
    folder = kubeconfig.parent
    authority = _pem(cluster, "certificate-authority", folder)
    if authority is None:
        raise InputError(f"{kubeconfig} names no certificate-authority.", remedy=_HOW)
    certificate = _pem(user, "client-certificate", folder)
    key = _pem(user, "client-key", folder)
    return Access(
        server=server,
        tls=_context(authority, certificate, key),
        bearer=folder / user["tokenFile"] if "tokenFile" in user else user.get("token"),
    )


def _named(found: Mapping[str, Any], part: str, name: str) -> Mapping[str, Any]:
    one: Mapping[str, Any] = next(one for one in found[part] if one["name"] == name)
    return one


def _pem(found: Mapping[str, Any], name: str, folder: Path) -> bytes | None:
    if f"{name}-data" in found:
        try:
            return base64.b64decode(str(found[f"{name}-data"]), validate=True)
        except binascii.Error:
            raise InputError(f"{name}-data is no base64.", remedy=_HOW) from None
    if name in found:
        return read_bytes(folder / str(found[name]), FILE_BYTES_MAX)
    return None


def _context(
    authority: bytes, certificate: bytes | None = None, key: bytes | None = None
) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cadata=authority.decode("ascii"))
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if certificate is not None and key is not None:
            # The library reads these from files alone: one that only we may open.
            with tempfile.NamedTemporaryFile(suffix=".pem") as pair:
                pair.write(certificate + b"\n" + key)
                pair.flush()
                context.load_cert_chain(pair.name)
    except (ssl.SSLError, UnicodeDecodeError, OSError) as error:
        raise InputError(
            f"The certificates cannot be used: {error}.", remedy="Give them in PEM."
        ) from None
    return context
