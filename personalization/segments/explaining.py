"""What each fact is, in a marketer's words, for whoever searches for the right one."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from personalization.rules.choices import (
    BEHAVIOUR_CHOICES,
    CONTEXT_CHOICES,
    GROUP_CHOICES,
    OTHER_TRAIT,
    OWN_CHOICES,
    PERSON_CHOICES,
)
from personalization.rules.vocabulary import PARAMETERS
from personalization.segments.suggesting import Suggestions

EXAMPLES: Final = 4
DESCRIPTIONS: Final[Mapping[str, str]] = {
    "count": "How often someone did something, such as buying; a whole order counts once.",
    "sum": "How much money all such events were worth together.",
    "average": "Average order value: the money of such events divided by their number.",
    "minimum": "The smallest amount in one such event.",
    "maximum": "The largest amount in one such event.",
    "days_since": "How long ago the latest such event was. Today is 0.",
    "first": "The day of the very first such event.",
    "last": "The day of the latest such event.",
    "distinct": "How many different items or categories they looked at or bought.",
    "sequence": "Did one thing and then another within a time, such as basket and purchase.",
    "in_session": "How often someone did something since this visit began.",
    "session:number": "How many visits there were, with this one. 30 quiet minutes end a visit.",
    "session:events": "How much someone did in the visit going on.",
    "session:minutes": "How long the visit going on has lasted.",
    "lifecycle": "New, active, at risk or lapsed: computed from first and latest act.",
    "score": "A number that a model or a nightly task wrote, such as rfm_recency.",
    "persona": "The group of similar people that a model found.",
    "location": "Near a place on the map, or far from it.",
    "segment": "Who is in another segment, or is not.",
    "percentage": "A steady share of all, drawn by lot, such as 20 % for a trial.",
    "list": "Who is on an uploaded list.",
    "context:device": "What the visitor holds: mobile, tablet or desktop. A crawler is a bot.",
    "context:category": "The category of the page being looked at.",
    "context:item": "The item being looked at.",
    "context:page": "The address of the page.",
    "context:referrer": "Search, social, direct, internal or other.",
    "context:campaign": "The campaign named in the link (utm_campaign).",
    "context:source": "Where the campaign ran (utm_source).",
    "context:medium": "How the campaign came (utm_medium), such as email.",
    "context:country": "Where the visit comes from, as two letters.",
    "context:region": "The region the visit comes from, such as GB-ENG.",
    "context:time": "The time of day where the visitor is.",
    "context:hour": "The hour where the visitor is, from 0 to 23.",
    "context:weekday": "The day of the week where the visitor is; 0 is Monday.",
    OTHER_TRAIT[0]: "A trait that no profile has yet; type its name.",
}
OF_KIND: Final[Mapping[str, str]] = {
    "trait": "Stated by or about the person.",
    "consent": "Whether they agreed to this purpose, and did not refuse it elsewhere.",
}
# Facts of events: the types there are show what can be asked.
OF_EVENTS: Final = frozenset(kind for kind, asked in PARAMETERS.items() if "event" in asked)


def explained_facts(offered: Suggestions) -> list[dict[str, Any]]:
    """Return every fact with its group, description and values that profiles have."""
    traits = [(f"trait:{name}", name) for name in offered.traits]
    groups: tuple[tuple[str, Iterable[tuple[str, str]]], ...] = (
        ("Behaviour", BEHAVIOUR_CHOICES),
        ("Traits", [*traits, OTHER_TRAIT]),
        ("Person", [*PERSON_CHOICES, *OWN_CHOICES]),
        ("This visit", CONTEXT_CHOICES),
        ("Groups", GROUP_CHOICES),
    )
    return [
        {
            "value": value,
            "label": label,
            "group": group,
            "description": DESCRIPTIONS.get(value) or OF_KIND.get(value.partition(":")[0], ""),
            "examples": _examples(value, offered),
        }
        for group, choices in groups
        for value, label in choices
    ]


def _examples(value: str, offered: Suggestions) -> list[str]:
    named = offered.names.get(value) or offered.values.get(value, ())
    found = offered.events if value in OF_EVENTS else named
    return [str(one) for one in found[:EXAMPLES]]
