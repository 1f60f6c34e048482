"""Names in a rule that nobody has: misspelt, or not seen yet.

A list that is not there is refused. Of events, categories, traits, scores and personas a marketer
is warned: they may arrive tomorrow. Of a population of nobody nothing is said of those. A purpose
that is none is told too, and not refused: whoever answers for consent may add it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Final

from django.db import connection

from catalog.models import Category
from consent.models import Privilege
from consent.purposes import NECESSARY, OPTIONAL
from personalization.events.models import EventSchema
from personalization.profiles.models import Profile
from personalization.rules.contradicting import Finding
from personalization.rules.folding import fold
from personalization.rules.quoting import shown
from personalization.rules.sentences import NOUNS
from personalization.rules.tree import Condition, Group, Rule, RuleError
from personalization.rules.vocabulary import CHOSEN, PARAMETERS
from personalization.segments.models import MemberList
from personalization.segments.suggesting import PERSONAS as SHARED
from personalization.segments.suggesting import PROFILES_READ, RECENT

# Each name that no profile has, found by one probe that ends where the first has it.
LACKING: Final = """
SELECT name FROM unnest(%s::text[]) AS asked(name)
WHERE NOT EXISTS (SELECT FROM {recent} WHERE held ? name)
"""
NAMES: Final = "SELECT DISTINCT jsonb_object_keys(held) FROM {recent}"
PERSONAS: Final = f"SELECT DISTINCT p.facts->>'persona' FROM {RECENT}"  # noqa: S608 - own words
HELD: Final = "(SELECT facts->'{key}' AS held FROM {recent}) AS one"
IN_CATEGORIES: Final = f"{RECENT}, jsonb_each(p.facts->'categories') AS done(event, held)"
# Where facts keep the names of a kind, as `held`.
SOURCES: Final[Mapping[str, str]] = {
    **{
        kind: HELD.format(key=key, recent=RECENT)
        for kind, key in (("event", "counts"), ("trait", "traits"), ("score", "scores"))
    },
    "category": IN_CATEGORIES,
    "viewed": IN_CATEGORIES,
}
# Names that rules compare without case.
FOLDED: Final = frozenset({"persona", "viewed", "list"})
SAID: Final[Mapping[str, str]] = {
    "event": "{nobody} has had the event {name} yet.",
    "trait": "{nobody} has the trait {name}.",
    "score": "{nobody} has the score {name}.",
    "persona": "{nobody} is of the persona {name}.",
    "category": "{nobody} has done anything in the category {name}, nor is it in the catalogue.",
    "viewed": "{nobody} has done anything in the category {name}, nor is it in the catalogue.",
    "purpose": "There is no purpose {name}.",
    "list": "There is no list {name}.",
}
LISTS: Final = ("list",)
# What is there or not, whoever has come.
CERTAIN: Final = (*LISTS, "purpose")
# What the check of all segments does not find in another way.
CHECKED: Final = ("score", "persona", "category", "viewed", "purpose")
WARNED: Final = ("event", "trait", *CHECKED)
# Facts whose name is one of a kind, and those of which the value is.
NAMED: Final[Mapping[str, str]] = {
    "trait": "trait",
    "score": "score",
    "list": "list",
    "consent": "purpose",
}
VALUED: Final[Mapping[tuple[str, str], str]] = {
    ("persona", ""): "persona",
    ("context", "category"): "viewed",
}

Name = tuple[str, str]


def unknown_names(rule: Rule, *, kinds: Collection[str] = WARNED) -> tuple[Finding, ...]:
    """Return, at their conditions, the names that no profile has, and what may be meant."""
    placed = list(_placed(rule))
    said = _said({name for _, name in placed}, kinds)
    return tuple(
        Finding(path, said[name], sentence=said[name], is_impossible=False)
        for path, name in placed
        if name in said
    )


def unknown_among(rules: Mapping[str, Rule], kinds: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return what to say of each rule by its key; the number of queries is that of the kinds."""
    names = {key: dict.fromkeys(name for _, name in _placed(one)) for key, one in rules.items()}
    said = _said({name for some in names.values() for name in some}, kinds)
    return {key: tuple(said[one] for one in some if one in said) for key, some in names.items()}


def check_lists(rule: Rule) -> None:
    """Refuse a rule that names a list which is not there; raises RuleError."""
    for one in unknown_names(rule, kinds=LISTS):
        raise RuleError(f"{one.path}.name", one.message)


def _said(names: Collection[Name], kinds: Collection[str]) -> dict[Name, str]:
    """Return the names that are unknown, each with what to say of it."""
    lacking = [
        (kind, name)
        for kind in kinds
        for name in sorted(_lacking(kind, {name for of, name in names if of == kind}))
    ]
    if not lacking:
        return {}
    nobody = _nobody()
    known = {kind: _offered(kind) for kind in {kind for kind, _ in lacking}}
    return {
        (kind, name): SAID[kind].format(nobody=nobody, name=shown(name)) + _meant(name, known[kind])
        for kind, name in lacking
        if nobody or kind in CERTAIN
    }


def _nobody() -> str:
    """Return who was looked at and has it not; empty where there is nobody to look at."""
    newest = Profile.objects.order_by("-pk")
    if newest[PROFILES_READ : PROFILES_READ + 1].exists():
        return f"None of the newest {PROFILES_READ:,} profiles"
    return "Nobody" if newest.exists() else ""


def _placed(group: Group, path: str = "") -> Iterator[tuple[str, Name]]:
    """Yield each name in a rule, with the place of its condition."""
    for number, member in enumerate(group.members):
        place = f"{path}{group.match}[{number}]"
        if isinstance(member, Group):
            yield from _placed(member, f"{place}.")
        else:
            yield from ((place, name) for name in _names(member))


def _names(condition: Condition) -> Iterator[Name]:
    fact = condition.fact
    if "event" in PARAMETERS.get(fact.kind, ()):
        yield from (("event", name) for name in (fact.name, fact.then) if name)
    yield from (("category", name) for name in (fact.category, fact.then_category) if name)
    if fact.kind in NAMED:
        yield NAMED[fact.kind], fact.name
    valued = VALUED.get((fact.kind, fact.name))
    if valued and condition.operator in CHOSEN:
        values = condition.value if isinstance(condition.value, tuple) else (condition.value,)
        yield from ((valued, str(value)) for value in values)


def _lacking(kind: str, names: Collection[str]) -> set[str]:
    """Return those of the names that no profile has, and that were not announced either."""
    if not names:
        return set()
    if kind in FOLDED:
        known = {fold(one) for one in _known(kind)}
        return {name for name in names if fold(name) not in known}
    asked = set(names) - _announced(kind)
    if not asked or kind not in SOURCES:
        return asked
    return set(_column(LACKING.format(recent=SOURCES[kind]), sorted(asked)))


def _known(kind: str) -> set[str]:
    if kind in CERTAIN:
        return _announced(kind)
    query = PERSONAS if kind == "persona" else NAMES.format(recent=SOURCES[kind])
    return {name for name in _column(query) if name} | _announced(kind)


def _offered(kind: str) -> set[str]:
    # A persona that few share could point at one of them.
    return set(_column(SHARED)) if kind == "persona" else _known(kind)


def _announced(kind: str) -> set[str]:
    """Return the names that are there, whether anybody has them or not."""
    return ANNOUNCED[kind]() if kind in ANNOUNCED else set()


def _events() -> set[str]:
    return {*NOUNS, *EventSchema.objects.values_list("type", flat=True)}


def _categories() -> set[str]:
    return set(Category.objects.values_list("key", flat=True))


def _purposes() -> set[str]:
    return {NECESSARY, *OPTIONAL, *Privilege.objects.values_list("key", flat=True)}


def _lists() -> set[str]:
    return set(MemberList.objects.values_list("key", flat=True))


ANNOUNCED: Final[Mapping[str, Callable[[], set[str]]]] = {
    "event": _events,
    "category": _categories,
    "viewed": _categories,
    "purpose": _purposes,
    "list": _lists,
}


def _meant(name: str, known: Iterable[str]) -> str:
    by_form = {fold(one): one for one in known}
    near = get_close_matches(fold(name), sorted(by_form), n=1)
    return f" Did you mean {by_form[near[0]]}?" if near else ""


def _column(query: str, *params: list[str]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(query, [*params] or None)
        return [name for (name,) in cursor.fetchall()]
