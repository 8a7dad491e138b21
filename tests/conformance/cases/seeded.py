"""What random cases of `tests.conformance.fuzz` asked, kept by their seeds: those that give the same answers every time.

Of the families that are left out, watches depend on when the server has time, and most of the rest on the order of Go's maps.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.conformance.case import Case
from tests.conformance.fuzz import customs, lives, mutations, reads

#: By type: which of its mutations are kept.
_MUTATIONS = {
    "configmaps": (5000, 5001, 5003),
    "endpointslices": (5000,),
    "horizontalpodautoscalers": (5002,),
    "ingressclasses": (5000, 5001, 5002, 5003),
    "ingresses": (5000, 5001, 5002, 5003),
    "networkpolicies": (5000, 5001, 5002),
    "persistentvolumeclaims": (5000, 5003),
    "poddisruptionbudgets": (5000, 5001, 5002),
    "priorityclasses": (5001, 5002, 5003),
    "rolebindings": (5000, 5001, 5002, 5003),
    "secrets": (5000, 5001, 5002, 5003),
}
_ERRORS = (
    5001, 5002, 5003, 5004, 5006, 5008, 5010, 5011, 5012, 5013, 5014, 5015, 5017, 5020, 5021, 5022, 5023, 5024, 5025, 5026,
)  # fmt: skip
_LIVES = (302, 305, 306, 308, 312, 316, 318, 324, 325, 328, 332, 336, 338, 341, 356)
_CUSTOMS = (5000, 5001, 5002, 5004, 5008, 5009, 5010, 5012)


def _kept(family: Callable[[random.Random, str], tuple[Case, dict[int, str]]], seed: int, only: str = "") -> Case:
    case, _ = family(random.Random(seed), only)  # nothing secret
    return Case(f"{case.name}, seed {seed}", *case.steps)


CASES = [
    *(_kept(mutations.case_of, seed, only) for only, seeds in _MUTATIONS.items() for seed in seeds),
    *(_kept(reads.errors, seed) for seed in _ERRORS),
    *(_kept(customs.case_of, seed) for seed in _CUSTOMS),
    *(_kept(lives.case_of, seed) for seed in _LIVES),
]
