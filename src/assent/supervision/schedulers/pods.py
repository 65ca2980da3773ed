"""How many accelerators pods have at most, by their product.

a pod's specification + KubernetesTerms -> chips

What is not understood is refused: a resource that the settings do not name, a product
that nobody asked for, a claim on devices by any other way.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from assent.supervision.schedulers.errors import ChipsUnnamed, SchedulerMalformed

PRODUCT_LABEL = "nvidia.com/gpu.product"
_OF_PRODUCT = "nvidia.com/gpu"
_COUNT = re.compile(r"[0-9]{1,9}", re.ASCII)
_CONTAINERS_MAX = 1_000
GRACE_S_MAX = 600  # else a job that was resumed could run twice
CONTROLLERS = (
    "system:serviceaccount:kube-system:job-controller",
    "system:serviceaccount:jobset-system:jobset-controller-manager",
    "system:serviceaccount:kubeflow:training-operator",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KubernetesTerms:
    """How a site's Kubernetes calls things.

    Attributes:
        products: accelerators by the node label nvidia.com/gpu.product.
        accounts: accounts by namespace.
        resources: accelerators by other extended resources; None for what is none,
            such as rdma/hca.
        controllers: users who make jobs and pods out of what was admitted.

    """

    products: Mapping[str, str]
    accounts: Mapping[str, str]
    resources: Mapping[str, str | None] = field(default_factory=dict)
    controllers: frozenset[str] = frozenset(CONTROLLERS)

    def __post_init__(self) -> None:
        """Keep copies that nobody can change."""
        for name in ("products", "accounts", "resources"):
            value = MappingProxyType(dict(getattr(self, name)))
            object.__setattr__(self, name, value)


def chips_of_pod(spec: Mapping[str, Any], terms: KubernetesTerms) -> dict[str, int]:
    """Return the accelerators of one pod; all its containers count, the first ones too.

    Raises:
        ChipsUnnamed: if it is not known which accelerators these are.
        SchedulerMalformed: if this is no pod's specification.

    """
    if spec.get("resourceClaims"):
        raise ChipsUnnamed(
            "The pod claims devices by resourceClaims, which the gate cannot count.",
            remedy="Ask for them under resources.limits.",
        )
    chips: dict[str, int] = {}
    for name, count in _extended(spec):
        kind = _kind(name, spec, terms)
        if kind is not None and count:
            chips[kind] = chips.get(kind, 0) + count
    grace_s = spec.get("terminationGracePeriodSeconds", 0)
    if chips and (not isinstance(grace_s, int) or grace_s > GRACE_S_MAX):
        raise SchedulerMalformed(
            f"The pod may run on for {grace_s!r:.40} s after it was told to stop.",
            remedy=f"Set terminationGracePeriodSeconds to at most {GRACE_S_MAX}.",
        )
    return chips


def _kind(name: str, spec: Mapping[str, Any], terms: KubernetesTerms) -> str | None:
    if name in terms.resources:
        return terms.resources[name]
    if name != _OF_PRODUCT:
        raise ChipsUnnamed(
            f"The gate does not know what {name!r:.80} is.",
            remedy="The site's operator names it in gate.yaml (kubernetes.resources).",
        )
    product = mapping(spec.get("nodeSelector"), "nodeSelector").get(PRODUCT_LABEL)
    if not isinstance(product, str) or product not in terms.products:
        raise ChipsUnnamed(
            f"The pod asks for {name} of the product {product!r:.80}, which the gate"
            " does not know.",
            remedy=f"Name one in nodeSelector, under {PRODUCT_LABEL}:"
            f" {', '.join(sorted(terms.products)) or 'none is known'}.",
        )
    return terms.products[product]


def _extended(spec: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """Yield each extended resource of each container, and how many of it."""
    for part in ("containers", "initContainers"):
        for container in sequence(spec.get(part), part):
            asked = mapping(mapping(container, part).get("resources"), "resources")
            most: dict[str, int] = {}
            for side in ("limits", "requests"):
                for name, value in mapping(asked.get(side), side).items():
                    if "/" in name:
                        most[name] = max(most.get(name, 0), _count(name, value))
            yield from most.items()


def _count(name: str, value: object) -> int:
    if isinstance(value, bool) or _COUNT.fullmatch(str(value)) is None:
        raise SchedulerMalformed(
            f"The pod asks for {value!r:.40} of {name!r:.80}.",
            remedy="Write a whole number in digits.",
        )
    return int(str(value))


def mapping(value: object, what: str) -> Mapping[str, Any]:
    """Return an object, empty if there is none.

    Raises:
        SchedulerMalformed: if it is something else.

    """
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise SchedulerMalformed(
            f"{what} is no object.", remedy="See the Kubernetes API reference."
        )
    return value


def sequence(value: object, what: str) -> list[Any]:
    """Return a list, empty if there is none.

    Raises:
        SchedulerMalformed: if it is something else, or too long.

    """
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > _CONTAINERS_MAX:
        raise SchedulerMalformed(
            f"{what} is no list, or too long.",
            remedy="See the Kubernetes API reference.",
        )
    return value
