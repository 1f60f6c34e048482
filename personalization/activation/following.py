"""What is set up to follow when somebody enters or leaves a segment."""

from collections.abc import Iterator
from urllib.parse import urlencode

from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.db.models import Model
from django.urls import reverse

from personalization.activation.models import Audience, Destination, Trigger
from personalization.rules.wording import duration_words
from personalization.segments.following import Consequence, Consequences
from personalization.segments.models import Segment


def what_follows(*, segment: Segment, user: AbstractUser | AnonymousUser) -> Iterator[Consequences]:
    """Yield triggers, audiences and webhooks of a segment, of those that this person may see."""
    if user.has_perm("activation.view_trigger"):
        triggers = Trigger.objects.filter(segment=segment)
        chosen = triggers.select_related("activity", "destination")
        yield Consequences(
            "When somebody enters",
            [Consequence(say(one), _page(one, segment), _held(one)) for one in chosen],
            "Add what follows an entry",
            _add("trigger", segment) if user.has_perm("activation.add_trigger") else None,
        )
    if user.has_perm("activation.view_audience"):
        audiences = Audience.objects.filter(segment=segment).select_related("destination")
        yield Consequences(
            "Pushed on a schedule",
            [Consequence(_pushed(one), _page(one, segment), _held(one)) for one in audiences],
            "Add an audience",
            _add("audience", segment) if user.has_perm("activation.add_audience") else None,
        )
    if user.has_perm("activation.view_destination"):
        told = Destination.objects.filter(segments=segment, kind=Destination.Kind.WEBHOOK)
        yield Consequences(
            "Webhooks that are told",
            [Consequence(one.name, _page(one, segment), _held(one)) for one in told],
        )


def say(trigger: Trigger) -> str:
    """Return what a trigger does, as a sentence."""
    said = {
        Trigger.Kind.ACTIVITY: f"Show “{trigger.activity}” once, within {trigger.within_hours} h",
        Trigger.Kind.EMAIL: f"Ask “{trigger.destination}” to send “{trigger.template}”",
        Trigger.Kind.TASK: f"Run the task {trigger.task}",
    }[Trigger.Kind(trigger.kind)]
    return f"{said}; at most once in {duration_words(60 * trigger.every_hours)} for one visitor."


def _held(one: Trigger | Audience | Destination) -> str:
    if not one.is_active:
        return "switched off"
    if one.waits:
        return "waits for approval"
    return "a change waits for approval" if one.proposed is not None else ""


def _pushed(audience: Audience) -> str:
    every = duration_words(60 * audience.every_hours)
    return f"“{audience}” to “{audience.destination}”, every {every}."


def _page(one: Model, segment: Segment) -> str:
    page = reverse(f"admin:activation_{one._meta.model_name}_change", args=[one.pk])
    return f"{page}?{urlencode({'of': segment.pk})}"


def _add(name: str, segment: Segment) -> str:
    asked = urlencode({"segment": segment.pk, "of": segment.pk})
    return f"{reverse(f'admin:activation_{name}_add')}?{asked}"
