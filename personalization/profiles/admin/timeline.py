"""What a visitor did, newest first, by day and visit; and which activities they were shown."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Final

from django.db.models import Count, Max

from catalog.models import Item
from personalization.events.models import Event
from personalization.profiles.admin.cards import Card
from personalization.profiles.models import Profile

PER_PAGE: Final = 40
LAST_PAGE: Final = 250
ACTIVITIES_SHOWN: Final = 25
VISIT_ENDS_AFTER: Final = timedelta(minutes=30)
# What the shop did; it has a card of its own.
NOT_ACTS: Final = ("exposure",)


@dataclass(frozen=True, slots=True)
class Act:
    """One event as a sentence."""

    at: datetime
    what: str
    about: str
    source: str
    value: object


@dataclass(frozen=True, slots=True)
class Visit:
    """Acts of one day with no pause of 30 minutes between them, newest first."""

    acts: list[Act] = field(default_factory=list)

    @property
    def began(self) -> datetime:
        """When the first act was."""
        return self.acts[-1].at

    @property
    def ended(self) -> datetime:
        """When the last act was."""
        return self.acts[0].at


def timeline_card(profile: Profile, *, page: int) -> Card:
    """Return one page of the visitor's acts; pages are numbered from 1."""
    page = min(max(page, 1), LAST_PAGE)
    start = (page - 1) * PER_PAGE
    events = Event.objects.filter(profile_id=profile.pk).exclude(type__in=NOT_ACTS)
    # One more than is shown tells whether there are older ones, without counting all.
    found = list(events.order_by("-occurred_at", "-pk")[start : start + PER_PAGE + 1])
    return Card.of(
        "timeline",
        "Timeline",
        days=list(_by_day(found[:PER_PAGE])),
        older=page + 1 if len(found) > PER_PAGE and page < LAST_PAGE else None,
        newer=page - 1,
        page=page,
    )


def shown_card(profile: Profile) -> Card:
    """Return the activities the visitor was shown, the latest first."""
    shown = Event.objects.filter(profile_id=profile.pk, type="exposure").order_by()
    by_variation = shown.values(
        "properties__activity", "properties__variation", "properties__placement"
    )
    rows = by_variation.annotate(times=Count("pk"), last=Max("occurred_at")).order_by("-last")
    return Card.of("shown", "Activities seen", rows=rows[:ACTIVITIES_SHOWN])


def page_of(stated: str) -> int:
    """Read a page number from an address; anything odd is the first."""
    return int(stated) if stated.isdecimal() and len(stated) < len(str(LAST_PAGE)) + 1 else 1


def _by_day(events: Sequence[Event]) -> Iterator[tuple[date, list[Visit]]]:
    names = _names(event.item_id for event in events)
    acts = [_act(event, names) for event in events]
    for day, of_day in groupby(acts, key=lambda act: act.at.date()):
        yield day, _visits(of_day)


def _visits(acts: Iterable[Act]) -> list[Visit]:
    visits: list[Visit] = []
    for act in acts:
        if not visits or visits[-1].began - act.at > VISIT_ENDS_AFTER:
            visits.append(Visit())
        visits[-1].acts.append(act)
    return visits


def _act(event: Event, names: dict[str, str]) -> Act:
    about = names.get(event.item_id, event.item_id) or _about(event)
    what = event.type.replace("_", " ")
    return Act(event.occurred_at, what, about, event.source, event.value)


def _about(event: Event) -> str:
    told = (event.properties.get(name) for name in ("query", "category", "page", "form"))
    page = event.context.get("page", "")
    return next((str(one) for one in (*told, page) if isinstance(one, str) and one), "")


def _names(item_ids: Iterable[str]) -> dict[str, str]:
    wanted = {item_id for item_id in item_ids if item_id}
    if not wanted:
        return {}
    return dict(Item.objects.filter(item_id__in=wanted).values_list("item_id", "name"))
