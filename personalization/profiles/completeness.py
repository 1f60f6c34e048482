"""How much of what the shop would like to know is known: of one visitor, and of all."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from personalization.profiles.models import Profile, ProfileMerge, WantedTrait
from personalization.vault.counting import kept_of_how_many, names_kept
from personalization.vault.naming import canonical


@dataclass(frozen=True, slots=True)
class Completeness:
    """The weighted share of wanted traits that are known, and those that are not."""

    share: float
    missing: tuple[str, ...]

    @property
    def percent(self) -> int:
        """The share in whole percent."""
        return round(100 * self.share)


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of how many profiles one trait is known."""

    trait: WantedTrait
    known: int
    profiles: int

    @property
    def percent(self) -> float:
        """The share of profiles."""
        return 100 * self.known / self.profiles if self.profiles else 0.0


def completeness_of(profile: Profile, *, wanted: Sequence[WantedTrait]) -> Completeness | None:
    """Return how complete a profile is; None where nothing is wanted."""
    if not wanted:
        return None
    stated = profile.facts.get("traits", {})
    known = {name for name, value in stated.items() if value is not None} | names_kept(profile.pk)
    missing = [trait for trait in wanted if trait.name not in known]
    whole = sum(trait.weight for trait in wanted)
    lacking = sum(trait.weight for trait in missing)
    return Completeness(1 - lacking / whole, tuple(trait.name for trait in missing))


def coverage(wanted: Sequence[WantedTrait]) -> list[Coverage]:
    """Return of how many profiles each trait is known: one scan of profiles, one of the vault."""
    stated = [trait.name for trait in wanted if canonical(trait.name) is None]
    profiles, *counts = _scan(stated)
    known = dict(zip(stated, counts, strict=True)) | kept_of_how_many(
        (trait.name for trait in wanted if canonical(trait.name)),
        former=ProfileMerge.objects.in_force().values("absorbed_id"),
    )
    return [Coverage(trait, known.get(trait.name, 0), profiles) for trait in wanted]


def _scan(names: Sequence[str]) -> tuple[int, ...]:
    """Return the number of profiles, and of those that have each trait."""
    filters = "".join(", count(*) FILTER (WHERE traits ->> %s IS NOT NULL)" for _ in names)
    # The subquery takes the traits out of the facts once, and not once for each filter.
    query = (
        f"SELECT count(*){filters}"  # noqa: S608  # only placeholders are repeated
        " FROM (SELECT facts -> 'traits' AS traits FROM profiles_profile OFFSET 0) AS stated"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, list(names))
        row: tuple[int, ...] = cursor.fetchone()
    return row
