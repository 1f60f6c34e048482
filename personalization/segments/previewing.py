"""Whom a rule matches now: how many, and a few of them."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from personalization.census.counting import count_rules, newest_matching, spares_profiles
from personalization.census.estimating import estimate_share, known_total
from personalization.profiles.facts import count_within
from personalization.profiles.models import Profile
from personalization.rules.calling import NO_NAMES, called
from personalization.rules.contradicting import Finding, find_contradictions
from personalization.rules.parsing import Rule
from personalization.rules.querying import visit_conditions
from personalization.rules.references import inlined
from personalization.rules.sentences import rule_sentence
from personalization.segments.disclosing import EXACT, UNTOLD, VAGUE, Disclosure
from personalization.segments.limiting import TookTooLong, limited_time
from personalization.segments.models import saved_rule
from personalization.segments.recognising import unknown_names

SAMPLES: Final = 5
SECONDS: Final = 20
# A marketer who types sees a number within a second: the exact one, or else an estimate.
HASTY_SECONDS: Final = 0.5
# Of more profiles than these, nobody has read all the facts by then.
MOST_READ_HASTILY: Final = 100_000
LEAST_SECONDS: Final = 0.1
ESTIMATE_SECONDS: Final = 3
DIGITS: Final = 2


@dataclass(frozen=True, slots=True)
class Sample:
    """One of the profiles that match."""

    profile_id: int
    country: str
    purchases: int
    last_seen: datetime | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a rule means today. `matching` is None where counting took too long."""

    sentence: str
    matching: int | None
    total: int | None
    samples: tuple[Sample, ...]
    visit_conditions: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    is_estimate: bool = False
    is_hasty: bool = False

    @property
    def counted(self) -> str | None:
        """How many match, as "214 of 6,391 profiles (3.3 %)"; None where counting took too long.

        An estimate reads "about 31,000 of about 970,000 profiles (3.2 %)".
        """
        return self._counted(EXACT)

    @property
    def counted_vaguely(self) -> str | None:
        """The same for those who may not see single profiles."""
        return self._counted(VAGUE)

    def _counted(self, shown: Disclosure) -> str | None:
        if self.matching is None or self.total is None:
            return None
        about, matching, total = "", self.matching, self.total
        if self.is_estimate:
            about, matching, total = "about ", _roughly(matching), _roughly(total)
        number = shown.number(matching, total)
        if self.is_estimate:
            number = number.removesuffix("+")  # it is about as many, and not at least
        said = f"{about}{number} of {about}{total:,} profiles"
        share = shown.share(self.matching, self.total, decimals=1)
        return said if share == UNTOLD else f"{said} ({share})"


def preview_rule(
    *, rule: Rule, now: datetime, is_hasty: bool = False, names: Mapping[str, str] = NO_NAMES
) -> Preview:
    """Return count and samples, with every condition on the visit taken as fulfilled.

    Where counting takes too long the number is an estimate, and there are no samples; `is_hasty`
    says to wait for half a second only, and not even that where it would be in vain. `names` are
    what segments are called.
    """
    whole = inlined(rule, resolve=saved_rule)
    said = called(rule, names)
    limit = HASTY_SECONDS if is_hasty else SECONDS
    matching: int | None
    total: int | None
    try:
        if is_hasty and _would_take_long(whole, now):
            raise TookTooLong
        matching, total, samples = _exactly(whole, now, limit)
        is_estimate = False
    except TookTooLong:
        (matching, total), samples, is_estimate = _about(whole, now), (), True
    return Preview(
        sentence=rule_sentence(said),
        matching=matching,
        total=total,
        samples=samples,
        visit_conditions=visit_conditions(rule, resolve=saved_rule),
        findings=(*find_contradictions(said), *unknown_names(rule)),
        is_estimate=is_estimate,
        is_hasty=is_hasty,
    )


def _would_take_long(rule: Rule, now: datetime) -> bool:
    return known_total() > MOST_READ_HASTILY and not spares_profiles(rule=rule, now=now)


def _exactly(rule: Rule, now: datetime, seconds: float) -> tuple[int, int, tuple[Sample, ...]]:
    started = time.monotonic()
    with limited_time(seconds=seconds):
        counted = count_rules(rules={"": rule}, now=now)
    left = seconds - (time.monotonic() - started)
    with limited_time(seconds=max(left, LEAST_SECONDS)):
        newest = newest_matching(rule=rule, limit=SAMPLES, now=now) if counted.matched[""] else []
        profiles = Profile.objects.in_bulk(newest)
        samples = tuple(_sample(profiles[pk], now) for pk in newest if pk in profiles)
    return counted.matched[""], counted.total, samples


def _about(rule: Rule, now: datetime) -> tuple[int | None, int | None]:
    """Return an estimate of how many match, and of how many; None if even that takes too long."""
    try:
        with limited_time(seconds=ESTIMATE_SECONDS):
            share, total = estimate_share(rule=rule, now=now)
    except TookTooLong:
        return None, None
    return round(share * total), total


def _sample(profile: Profile, now: datetime) -> Sample:
    facts = profile.facts
    last = max(facts.get("last", {}).values(), default=None)
    return Sample(
        profile_id=profile.pk,
        country=str(facts.get("traits", {}).get("country") or ""),
        purchases=count_within(facts.get("counts", {}).get("purchase", {}), window=30, now=now),
        last_seen=datetime.fromtimestamp(last, UTC) if last is not None else None,
    )


def _roughly(number: int) -> int:
    """Return it with two digits that are not zero: more, an estimate does not know."""
    return round(number, DIGITS - len(str(number)))
