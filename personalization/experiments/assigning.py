"""Which variation a visitor gets: the same one each time, without remembering it."""

import hashlib
from collections.abc import Sequence
from typing import Final, Protocol, TypeVar

BUCKETS: Final = 2**32


class Weighted(Protocol):
    """An alternative with a share of the visitors."""

    @property
    def key(self) -> str: ...

    @property
    def weight(self) -> int: ...


Alternative = TypeVar("Alternative", bound=Weighted)


def assign(
    alternatives: Sequence[Alternative], *, visitor: str, experiment: str
) -> tuple[Alternative, float]:
    """Return one alternative and the probability with which a visitor gets it.

    A stable hash of experiment and visitor, so that two experiments are independent. Weights are
    relative; at least one is above zero. Raises ValueError where none is.
    """
    total = sum(alternative.weight for alternative in alternatives)
    if total <= 0:
        raise ValueError(f"No variation of {experiment!r} has a weight above zero.")
    digest = hashlib.blake2b(f"{experiment}\n{visitor}".encode(), digest_size=4).digest()
    mark = int.from_bytes(digest) / BUCKETS * total
    for alternative in alternatives:
        mark -= alternative.weight
        if mark < 0:
            return alternative, alternative.weight / total
    raise AssertionError("The weights add up to the total.")
