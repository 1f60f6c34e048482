"""What marketers are offered while they write a rule: names and values that profiles have."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.db import connection

from catalog.models import Category
from personalization.profiles.lifecycle import STAGES
from personalization.rules.parsing import CONTEXT_NUMBERS, CONTEXT_TEXTS
from personalization.rules.sentences import NOUNS
from personalization.segments.models import MemberList, Segment

# Enough to see what there is, without reading a large population.
PROFILES_READ: Final = 20_000
# A value that fewer people share could point at one of them.
FEWEST_SHARING: Final = 10
MOST_VALUES: Final = 100
# Shown as examples; the form searches among all.
MOST_SEGMENTS: Final = 4

RECENT: Final = f"(SELECT facts FROM profiles_profile ORDER BY id DESC LIMIT {PROFILES_READ}) p"  # noqa: S608
TRAITS: Final = f"""
SELECT name, value #>> '{{}}', count(*)
FROM {RECENT}, jsonb_each(p.facts->'traits') AS t(name, value)
GROUP BY 1, 2 ORDER BY 3 DESC, 2
"""  # noqa: S608 - no value of a person's is put in
SCORES: Final = f"SELECT DISTINCT jsonb_object_keys(p.facts->'scores') FROM {RECENT}"  # noqa: S608
PERSONAS: Final = f"""
SELECT p.facts->>'persona' FROM {RECENT} WHERE p.facts->>'persona' <> ''
GROUP BY 1 HAVING count(*) >= {FEWEST_SHARING} ORDER BY count(*) DESC, 1 LIMIT {MOST_VALUES}
"""  # noqa: S608 - no value of a person's is put in
EVENTS: Final = f"SELECT DISTINCT jsonb_object_keys(p.facts->'counts') FROM {RECENT}"  # noqa: S608


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Names and values to choose from; anything else may be typed as well."""

    traits: Mapping[str, tuple[str, ...]]
    events: tuple[str, ...]
    categories: tuple[tuple[str, str], ...]
    segments: tuple[str, ...] = ()
    scores: tuple[str, ...] = ()
    personas: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()

    @property
    def names(self) -> dict[str, tuple[str, ...]]:
        """Names by fact, of facts whose name is typed."""
        return {"score": self.scores, "list": self.lists, "trait:": tuple(self.traits)}

    @property
    def values(self) -> dict[str, tuple[str, ...]]:
        """Values by fact, as the form names facts."""
        context = {f"context:{name}": texts for name, texts in CONTEXT_TEXTS.items() if texts}
        numbers = {f"context:{name}": tuple(map(str, of)) for name, of in CONTEXT_NUMBERS.items()}
        keys = tuple(key for key, _ in self.categories)
        traits = {f"trait:{name}": values for name, values in self.traits.items() if values}
        return {
            **traits,
            **context,
            **numbers,
            "context:category": keys,
            "lifecycle": STAGES,
            "segment": self.segments,
            "persona": self.personas,
        }


def suggestions() -> Suggestions:
    """Return what the latest profiles and the catalogue offer; seven queries."""
    return Suggestions(
        traits=_traits(),
        events=tuple(sorted({*NOUNS, *_column(EVENTS)})),
        categories=tuple(Category.objects.values_list("key", "name")),
        segments=tuple(Segment.objects.values_list("name", flat=True)[:MOST_SEGMENTS]),
        scores=tuple(sorted(_column(SCORES))),
        personas=tuple(_column(PERSONAS)),
        lists=tuple(MemberList.objects.values_list("key", flat=True)[:MOST_VALUES]),
    )


def _traits() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    with connection.cursor() as cursor:
        cursor.execute(TRAITS)
        for name, value, sharing in cursor.fetchall():
            values = found.setdefault(name, ())
            if value and sharing >= FEWEST_SHARING and len(values) < MOST_VALUES:
                found[name] = (*values, value)
    return dict(sorted(found.items()))


def _column(query: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [name for (name,) in cursor.fetchall()]
