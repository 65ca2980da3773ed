"""Disclosures on their way to an inspector: a secret file, bound to one application.

application's digest + disclosures <-> one line of canonical JSON

    {"application_digest":"sha256:…","disclosures":["WyJjMkZ…"],"format":"assent-disclosures/1"}

The file is as secret as the fields it opens: it travels encrypted to named inspectors.
"""

import re
from dataclasses import dataclass, field

from assent.authorisation.application.sealing.errors import (
    DisclosureMalformed,
    DisclosuresForAnother,
    SealingTooLarge,
)
from assent.authorisation.application.sealing.seal import FIELDS_MAX
from assent.vocabulary import DocumentInvalid, canonical_bytes, parse_canonical

FORMAT = "assent-disclosures/1"
FILE_BYTES_MAX = 8_000_000  # 4,000 fields of 2,000 characters
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_FIELDS = frozenset({"application_digest", "disclosures", "format"})


@dataclass(frozen=True, slots=True)
class DisclosureFile:
    """Texts of disclosures, for the application with this digest."""

    application_digest: str
    disclosures: tuple[str, ...] = field(repr=False)

    @property
    def encoded(self) -> bytes:
        """The canonical bytes, which `parse_disclosure_file` takes."""
        return canonical_bytes(
            {
                "format": FORMAT,
                "application_digest": self.application_digest,
                "disclosures": list(self.disclosures),
            }
        )

    def verify_is_for(self, application_digest: str) -> None:
        """Refuse the file unless it was made for this application.

        Raises:
            DisclosuresForAnother: if it was made for another.

        """
        if application_digest != self.application_digest:
            raise DisclosuresForAnother(
                f"These disclosures are for {self.application_digest}, not for"
                f" {application_digest:.80}.",
                remedy="Ask the applicant for the disclosures of this application.",
            )


def parse_disclosure_file(data: bytes) -> DisclosureFile:
    """Return the disclosures in a file; none of them is believed yet.

    Raises:
        DisclosureMalformed: if the file is none.
        SealingTooLarge: if it is beyond the limits.

    """
    if len(data) > FILE_BYTES_MAX:
        raise SealingTooLarge(
            f"A file of disclosures has at most {FILE_BYTES_MAX:,} bytes.",
            remedy="Send the disclosures that were asked for.",
        )
    try:
        value = parse_canonical(data)
    except DocumentInvalid:
        value = None
    match value:
        case {
            "format": "assent-disclosures/1",
            "application_digest": str(digest),
            "disclosures": [*texts],
        } if (
            value.keys() == _FIELDS
            and _DIGEST.fullmatch(digest)
            and all(isinstance(text, str) for text in texts)
        ):
            pass
        case _:
            raise DisclosureMalformed(
                f"This is no file of disclosures in the format {FORMAT}.",
                remedy="Take the file as the applicant's tool wrote it.",
            )
    if len(texts) > FIELDS_MAX:
        raise SealingTooLarge(
            f"A file holds at most {FIELDS_MAX:,} disclosures.",
            remedy="Send the disclosures that were asked for.",
        )
    return DisclosureFile(digest, tuple(texts))
