"""The steps of docs/spec/permit.md, and by which of them a file was refused.

file + root + now -> VerifiedPermit, or the error and its step

`verify_permit` does the work, in the order of the steps. Each step has errors of its
own, so the error tells the step; only a malformed permit may be that of two.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from assent.adapters.files import read_bytes
from assent.adapters.trust import TrustState
from assent.apps.cli.output.naming import naming
from assent.authorisation.permit import (
    AgencyUnknown,
    CapBeyondMatter,
    CapBeyondRecognition,
    DecidedTooLate,
    PermitBundle,
    PermitExpired,
    PermitMalformed,
    PermitNotLogged,
    PermitNotYetValid,
    PermitQuorumNotMet,
    PermitRevoked,
    PermitSuperseded,
    PermitSuspended,
    SignerRecused,
    StatusInvalid,
    StatusMalformed,
    StatusMissing,
    StatusStale,
    TreatyDiffers,
    VerifiedPermit,
    WrongPaper,
    parse_bundle,
    verify_permit,
)
from assent.authorisation.permit.bundle import BUNDLE_BYTES_MAX
from assent.authorisation.treaty import MatterUnknown, Treaty
from assent.authorisation.trust import (
    METADATA_BYTES_MAX,
    SeenVersions,
    parse_root,
    verify_recognised,
    verify_trust,
)
from assent.translog.errors import LogRefused, ProofMalformed, StoreUnavailable
from assent.vocabulary import AssentError, NotFound, SignatureInvalid

STEPS = {
    1: "the file is a permit's, complete and in canonical form",
    2: "the trusted root leads to the treaty as it stands",
    3: "what was signed is a permit",
    4: "it is of the agency that the root speaks for, or that the treaty recognises",
    5: "the public log holds exactly these signed bytes",
    6: "enough members had signed in time, by keys in force, and none who stands aside",
    7: "they may grant so much",
    8: "it is time",
    9: "it is neither suspended nor over, by a fresh status list",
}
# The errors of steps 3 to 9, as the specification has them; all others are of step 2.
_STEP_OF: dict[type[AssentError], int] = {
    WrongPaper: 3,
    PermitMalformed: 3,
    AgencyUnknown: 4,
    TreatyDiffers: 4,
    CapBeyondRecognition: 4,
    PermitNotLogged: 5,
    ProofMalformed: 5,
    LogRefused: 5,
    DecidedTooLate: 6,
    SignatureInvalid: 6,
    SignerRecused: 6,
    PermitQuorumNotMet: 6,
    MatterUnknown: 6,
    CapBeyondMatter: 7,
    PermitNotYetValid: 8,
    PermitExpired: 8,
    StatusMissing: 9,
    StatusMalformed: 9,
    StatusInvalid: 9,
    StatusStale: 9,
    PermitRevoked: 9,
    PermitSuspended: 9,
    PermitSuperseded: 9,
}
STATUS_BYTES_MAX = 12_000_000  # 2²⁴ places that do not compress, base64 twice over


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What somebody shows, and what the verifier holds, as files.

    Attributes:
        file: the permit's file.
        root: the root that is trusted.
        status: a newer status list than the file's, if there is one.
        state: where the verifier remembers what it has seen, if it does.

    """

    file: Path
    root: Path
    status: Path | None = None
    state: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Read:
    """What was in those files when they were read, once: nobody changes it after."""

    file: bytes
    root: bytes
    status: bytes | None
    state: Path | None


@dataclass(frozen=True, slots=True)
class Walked:
    """How it ended: a verified permit, or an error and the step that refused."""

    result: VerifiedPermit | AssentError
    failed_step: int | None = None

    def require(self) -> VerifiedPermit:
        """Return the verified permit.

        Raises:
            AssentError: the one by which it was refused.

        """
        if isinstance(self.result, AssentError):
            raise self.result
        return self.result


def read(shown: Shown) -> Read:
    """Return what is in the files.

    Raises:
        NotFound, DocumentTooLarge: if a file cannot be read.
        TrustMalformed: if the root is none.

    """
    status = shown.status
    root = read_bytes(shown.root, METADATA_BYTES_MAX)
    with naming(shown.root):
        parse_root(root)
    return Read(
        file=read_bytes(shown.file, BUNDLE_BYTES_MAX),
        root=root,
        status=None if status is None else read_bytes(status, STATUS_BYTES_MAX),
        state=shown.state,
    )


def walk(given: Read, now: datetime) -> Walked:
    """Verify a permit's file, and return which step refused it, if one did.

    Raises:
        NotFound, StoreUnavailable: if the state cannot be read or written.

    """
    root, state = given.root, given.state
    try:
        found = parse_bundle(given.file)
    except PermitMalformed as error:
        return Walked(error, 1)
    try:
        seen = _remember(state, root, found, now) if state else None
        verified = verify_permit(given.file, root, now, status=given.status, seen=seen)
    except (NotFound, StoreUnavailable):
        raise  # of the state's file, not of the permit's
    except AssentError as error:
        return Walked(error, step_of(error))
    return Walked(verified)


def step_of(error: AssentError) -> int:
    """Return which of the steps from the second on refuses with an error."""
    kinds = [kind for kind in type(error).__mro__ if kind in _STEP_OF]
    return _STEP_OF[kinds[0]] if kinds else 2


def treaty_of_permit(given: Read, now: datetime) -> Treaty:
    """Return the treaty of the agency that granted a permit.

    Raises:
        AssentError: whatever the first two steps raise.

    """
    found = parse_bundle(given.file)
    own = verify_trust(given.root, found.trust, now)
    if (foreign := found.foreign) is None:
        return own.treaty
    return verify_recognised(own, foreign.root, foreign.trust, now).treaty


def _remember(
    path: Path, root: bytes, found: PermitBundle, now: datetime
) -> SeenVersions:
    """Hold the file's metadata against what was seen, and remember the newest.

    Of another agency's metadata that a file carries along nothing is remembered.
    """
    state = TrustState(path)
    if not path.exists():
        verify_trust(root, found.trust, now)  # what leads nowhere starts no memory
        state.start(root)
    return state.verify(found.trust, now).versions
