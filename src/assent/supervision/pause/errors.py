"""Why an order to pause or resume, or an acknowledgement of one, is not believed."""

from assent.vocabulary import InputError, NotAllowed, Refused


class OrderMalformed(InputError):
    """This is no order."""


class OrderRefused(Refused):
    """An order that is well formed and changes nothing."""


class NotAnOrder(OrderRefused):
    """A signed statement of another type was put in an order's place."""


class OrderOfAnotherAgency(OrderRefused):
    """The order is by an agency that the treaty does not speak for."""


class OrderUnderAnotherTreaty(OrderRefused):
    """The order was drawn up under a treaty other than the one that is trusted."""


class OrderBeyondMatter(OrderRefused):
    """The matter that the order names does not reach what the order does."""


class OrderLapseWrong(OrderRefused):
    """The order does not end when the treaty says that such orders end."""


class OrderFromTheFuture(OrderRefused):
    """The order is dated later than now."""


class OrderSignerExcluded(OrderRefused):
    """A member signed that stands aside."""


class OrderQuorumNotMet(OrderRefused):
    """Fewer members signed than the treaty asks for."""


class OrderNotYetEffective(OrderRefused):
    """The order takes effect later."""


class OrderLapsed(OrderRefused):
    """The order has ended by itself."""


class OrderNotLogged(OrderRefused):
    """The public log does not hold the order as it was signed."""


class OrderOutOfTurn(NotAllowed):
    """The order is not the next one of its agency."""


class InspectorPauseSpent(OrderRefused):
    """An inspector paused the run before, and no quorum confirmed it."""


class NoAppealOpen(OrderRefused):
    """The order decides an appeal that nobody made."""


class PanelNotIndependent(OrderRefused):
    """Those who would decide an appeal gave the order that it is against."""


class ResumeOfNothing(OrderRefused):
    """A resume order names no pause order of this scope that it could end."""


class FeedMalformed(InputError):
    """This is no page of a feed of orders."""


class AckMalformed(InputError):
    """This is no acknowledgement of an order."""


class AckRefused(Refused):
    """An acknowledgement that is well formed and does not count."""


class AckOfUnknownGate(AckRefused):
    """The gate is none that the agency knows."""


class AckUnsigned(AckRefused):
    """The gate's key did not sign the acknowledgement."""


class AckOfAnotherOrder(AckRefused):
    """The acknowledgement is of no order that the agency issued."""


class AckOutOfTime(AckRefused):
    """The acknowledgement is dated before the order, or later than now."""


class AckReplayed(AckRefused):
    """The acknowledgement came before, or a later one of the same gate did."""


class RollMalformed(InputError):
    """This is no relay's roll of acknowledgements."""


class RollOfUnknownRelay(AckRefused):
    """The relay is none that the agency knows."""


class RollUnsigned(AckRefused):
    """The relay's key did not sign the roll."""
