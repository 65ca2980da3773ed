"""`assent apply new`: an application begun from a declaration.

declaration + key + dates -> a file to complete
"""

from datetime import UTC, date, datetime
from pathlib import Path

from assent.adapters.keys.held_keys import KeyKind, KeyOfAnotherKind, read_public
from assent.adapters.packaged.review_policies import packaged_questionnaire
from assent.apps.cli.apply.desk import tell
from assent.apps.cli.apply.scaffold import scaffold_application
from assent.apps.cli.output.writing import verify_new, write_new
from assent.authorisation.application import draft_from_assessment
from assent.authorisation.assessment import assess
from assent.vocabulary import InputError, SignatureInvalid
from assent.vocabulary.envelope import PublicKey, parse_public_key
from assent.wiring import runs as wiring


def new(  # noqa: PLR0913, PLR0917 - one argument for each option
    declaration: Path,
    key: str,
    rulebook: str,
    begins: datetime,
    ends: datetime,
    sites: list[str],
    on: date | None,
    out: Path,
) -> None:
    """Assess a declaration and write the application that follows from it.

    Raises:
        InputError: if there is a file, or something that is given cannot be used.

    """
    verify_new(out)
    if ends <= begins:
        raise InputError(
            f"Training would end on {ends.date()}, before it begins on"
            f" {begins.date()}.",
            remedy="Give a day for --to that is after that of --from.",
        )
    public_key = _public_key(key)
    assessment = assess(
        wiring.load_declaration(declaration),
        wiring.load_rulebook_named(rulebook),
        on or wiring.today(),
    )
    application = draft_from_assessment(
        assessment,
        key=public_key,
        not_before=begins.replace(tzinfo=UTC),
        not_after=ends.replace(tzinfo=UTC),
        sites=sites,
    )
    text = scaffold_application(application, packaged_questionnaire())
    write_new(out, text.encode())
    tell(f"Wrote {out}. Complete it; `assent apply check {out}` says what it lacks.")


def _public_key(given: str) -> PublicKey:
    """Return the public half of a key that is named by its file, or given itself."""
    path = Path(given)
    if not path.is_file():
        try:
            return parse_public_key(given)
        except SignatureInvalid:
            raise InputError(
                f"{given!r:.80} is neither a key's file nor a public key.",
                remedy="Give the file of a key, or 64 hexadecimal digits in lower"
                " case.",
            ) from None
    about = read_public(path)
    if about.kind is not KeyKind.SIGNING:
        raise KeyOfAnotherKind(
            f"The key in {path} is for {about.kind}, not for signing.",
            remedy="Name the signing key that the gate will know the developer by.",
        )
    return parse_public_key(about.public)
