"""Whom a rule matches now: how many, and a few of them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from personalization.profiles.facts import count_within
from personalization.profiles.models import Profile
from personalization.rules.contradicting import Finding, find_contradictions
from personalization.rules.parsing import Rule
from personalization.rules.querying import matching_profiles, visit_conditions
from personalization.rules.sentences import rule_sentence
from personalization.segments.disclosing import EXACT, UNTOLD, VAGUE, Disclosure
from personalization.segments.limiting import TookTooLong, limited_time
from personalization.segments.models import saved_rule
from personalization.segments.recognising import unknown_names

SAMPLES: Final = 5
SECONDS: Final = 5


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

    @property
    def counted(self) -> str | None:
        """How many match, as "214 of 6,391 profiles (3.3 %)"; None where counting took too long."""
        return self._counted(EXACT)

    @property
    def counted_vaguely(self) -> str | None:
        """The same for those who may not see single profiles."""
        return self._counted(VAGUE)

    def _counted(self, shown: Disclosure) -> str | None:
        if self.matching is None or self.total is None:
            return None
        said = f"{shown.number(self.matching, self.total)} of {self.total:,} profiles"
        share = shown.share(self.matching, self.total, decimals=1)
        return said if share == UNTOLD else f"{said} ({share})"


def preview_rule(*, rule: Rule, now: datetime) -> Preview:
    """Return count and samples, with every condition on the visit taken as fulfilled."""
    matching = total = None
    samples: tuple[Sample, ...] = ()
    try:
        with limited_time(seconds=SECONDS):
            found = matching_profiles(rule, now=now, resolve=saved_rule, assume_visit=True)
            matching, total = found.count(), Profile.objects.count()
            samples = tuple(_sample(one, now) for one in found.order_by("-pk")[:SAMPLES])
    except TookTooLong:
        matching = total = None
    return Preview(
        sentence=rule_sentence(rule),
        matching=matching,
        total=total,
        samples=samples,
        visit_conditions=visit_conditions(rule, resolve=saved_rule),
        findings=(*find_contradictions(rule), *unknown_names(rule)),
    )


def _sample(profile: Profile, now: datetime) -> Sample:
    facts = profile.facts
    last = max(facts.get("last", {}).values(), default=None)
    return Sample(
        profile_id=profile.pk,
        country=str(facts.get("traits", {}).get("country") or ""),
        purchases=count_within(facts.get("counts", {}).get("purchase", {}), window=30, now=now),
        last_seen=datetime.fromtimestamp(last, UTC) if last is not None else None,
    )
