"""The one table from an error to the exit code of the command."""

from assent.adapters.docket.errors import DocketDamaged
from assent.authorisation.docket.event import CaseDamaged
from assent.authorisation.secretariat.isolate import WorkIncomplete
from assent.supervision.gate import GateUnreachable
from assent.supervision.ledger import BooksDamaged
from assent.supervision.schedulers import SchedulerUnavailable
from assent.translog.errors import (
    DocumentDamaged,
    ForwardingFailed,
    LogDamaged,
    LogMisbehaved,
    LogRefused,
    LogUnreachable,
    StateDamaged,
    StoreUnavailable,
    WitnessUnavailable,
)
from assent.vocabulary import (
    ArchitectureUnknown,
    AssentError,
    CaseChanged,
    ComponentMissing,
    DocumentInvalid,
    DocumentTooLarge,
    FactsMissing,
    InputError,
    NotFound,
    OperationUncounted,
    QuantityInvalid,
    Refused,
    RulebookInvalid,
    SignatureInvalid,
)

# 1 is left to crashes, 2 to the wrong use of the command line, as is the custom.
EXIT_CODES: dict[type[AssentError], int] = {
    InputError: 3,
    DocumentInvalid: 3,
    DocumentTooLarge: 3,
    QuantityInvalid: 3,
    NotFound: 4,
    FactsMissing: 5,
    ArchitectureUnknown: 6,
    OperationUncounted: 7,
    ComponentMissing: 8,
    RulebookInvalid: 9,
    SignatureInvalid: 10,  # not believed
    LogRefused: 10,
    Refused: 10,
    StoreUnavailable: 11,  # try again later
    LogUnreachable: 11,
    WitnessUnavailable: 11,
    ForwardingFailed: 11,
    CaseChanged: 11,
    GateUnreachable: 11,
    SchedulerUnavailable: 11,
    DocumentDamaged: 12,  # lost or broken here
    LogDamaged: 12,
    CaseDamaged: 12,
    BooksDamaged: 12,
    DocketDamaged: 12,
    WorkIncomplete: 12,
    StateDamaged: 12,
    LogMisbehaved: 13,  # an alarm
}


def exit_code(error: AssentError) -> int:
    """Return the code of an error's class, or of the nearest class it derives from."""
    for kind in type(error).__mro__:
        if kind in EXIT_CODES:
            return EXIT_CODES[kind]
    return 1
