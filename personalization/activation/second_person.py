"""A second person for what follows a segment, where the publishing rule asks for one.

What is in force goes on until somebody else has approved what takes its place; what was never in
force does nothing until then.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from personalization.activation.confiding import confide_proposed, secret_of, take_over_proposed
from personalization.activation.models import Audience, Destination, Trigger
from personalization.activation.wording import Difference, differences
from personalization.segments.history import record
from personalization.segments.models import PublishingPolicy, Segment

Stated = Mapping[str, Any]
Followed = Trigger | Audience | Destination


class CannotApprove(Exception):
    """It stays as it is; the message says why."""


class ChangedSince(CannotApprove):
    """It is not what was seen any more; `lines` say what differs."""

    def __init__(self, lines: list[Difference]) -> None:
        super().__init__("Not approved: it was changed since you opened it.")
        self.lines = lines


def keep(one: Followed, *, related: Stated, by: str) -> None:
    """Save what somebody typed: in force at once, or waiting for somebody else.

    `related` are the numbers of those it is about, by the names of its many-to-many fields: the
    caller saves them, unless `one.proposed` has them afterwards. Call it in a transaction.
    """
    held = type(one).objects.select_for_update().filter(pk=one.pk).first()
    in_force = held if held is not None and held.is_in_force else None
    wanted = {**one.stated(), **related}
    if in_force is not None and wanted == in_force.stated():
        one.waits, one.approved_by = False, in_force.approved_by
        _let_go(one)
        one.save()
        return
    one.saved_by = by[:150]
    must_wait = one.is_active and PublishingPolicy.requires_approval()
    if must_wait and in_force is not None:
        _propose(one, in_force, wanted)
        return
    _let_go(one)
    one.waits, one.approved_by = must_wait, ""
    one.save()


def wanted_of(one: Followed) -> Stated:
    """Return what is to be in force, as it was saved last."""
    return one.stated() if one.proposed is None else one.proposed


def take_over(one: Followed) -> None:
    """Let it be, in memory, as it was saved last."""
    if one.proposed is None:
        return
    columns = {field.attname for field in one._meta.concrete_fields}
    for name, value in one.proposed.items():
        if name in columns:
            setattr(one, name, value)
    if isinstance(one, Destination):
        take_over_proposed(one)


@transaction.atomic
def approve(model: type[Followed], pk: Any, *, seen: Stated, by: str, now: datetime) -> Followed:
    """Let it act as it was seen; raises CannotApprove."""
    one: Followed = model.objects.select_for_update().get(pk=pk)
    if not one.needs_somebody:
        raise CannotApprove("It waits for nobody any more.")
    if one.saved_by == by:
        raise CannotApprove("Somebody else than who set it up must approve it.")
    wanted = wanted_of(one)
    if wanted != seen:
        raise ChangedSince(differences(model, seen, wanted))
    take_over(one)
    _check(one)
    if isinstance(one, Destination):
        one.segments.set(Segment.objects.filter(pk__in=wanted["segments"]))
    _let_go(one)
    one.waits, one.approved_by = False, by[:150]
    one.save()
    for segment in _about(one):
        record(key=segment.key, said=f"Approved what follows: {one}.", by=by, now=now)
    return one


def _propose(one: Followed, held: Followed, wanted: Stated) -> None:
    one.proposed = held.proposed = dict(wanted)
    held.saved_by = one.saved_by
    if isinstance(one, Destination) and isinstance(held, Destination):
        is_other = bytes(one.sealed_secret) != bytes(held.sealed_secret)
        held.proposed_secret = b""
        if is_other:
            confide_proposed(held, secret_of(one))
    held.save()


def _let_go(one: Followed) -> None:
    one.proposed = None
    if isinstance(one, Destination):
        one.proposed_secret = b""


def _check(one: Followed) -> None:
    """Refuse what has become impossible since it was saved."""
    left = {field.name for field in one._meta.concrete_fields if not field.editable}
    try:
        one.full_clean(exclude=left)
    except ValidationError as error:
        raise CannotApprove(" ".join(["Not approved.", *error.messages])) from error


def _about(one: Followed) -> list[Segment]:
    return list(one.segments.all()) if isinstance(one, Destination) else [one.segment]
