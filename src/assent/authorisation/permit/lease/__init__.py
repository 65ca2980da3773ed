"""A lease: a permit for one site and one day, which ends by itself.

PermitCase + site + now + signer -> signed lease
signed lease + VerifiedPermit + site + now -> Lease, or the reason why not
"""

from assent.authorisation.permit.lease.lease import LEASE_TYPE, Lease, parse_lease
from assent.authorisation.permit.lease.renew import allotment, renew_lease
from assent.authorisation.permit.lease.verify import verify_lease

__all__ = [
    "LEASE_TYPE",
    "Lease",
    "allotment",
    "parse_lease",
    "renew_lease",
    "verify_lease",
]
