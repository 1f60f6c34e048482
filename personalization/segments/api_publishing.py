"""Make live, or take offline, what a partner asks for; or let it wait for a second person."""

from collections.abc import Callable
from typing import Any, Final, cast

from django.utils import timezone
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from personalization.access.models import ApiKey
from personalization.segments.deleting import uses_of
from personalization.segments.ending import delete_segment
from personalization.segments.models import OPEN, LiveEntry, Proposal, Segment
from personalization.segments.publishing import (
    NeedsApproval,
    NobodyIsIn,
    NotPublishable,
    publish_segment,
    unpublish_segment,
)
from personalization.segments.saved_references import live_on
from personalization.segments.standing import what_changed
from personalization.segments.submitting import submit

INSIST: Final = "Send “insist”: true to publish it all the same."


class Refused(APIException):
    """It is not done as things stand; nothing was saved."""

    status_code = 409
    default_code = "not_publishable"


def caller(request: Request) -> str:
    """Return under what name a key's deeds are told."""
    return f"API key “{cast(ApiKey, request.auth).name}”"


def key_owner(request: Request) -> str:
    """Return who answers for the key; empty where nobody is named."""
    return cast(ApiKey, request.auth).owner_name


def go_live(segment: Segment, request: Request, *, insists: bool) -> Proposal | None:
    """Publish the segment as it is saved, unless it is live like that; or return what waits.

    Raises Refused, as all of these do.
    """
    by, now = caller(request), timezone.now()
    if _live(segment) == segment.definition():
        return None
    return _attempt(
        lambda: publish_segment(segment=segment, by=by, now=now, insists=insists),
        waiting=_waiting(segment, segment.definition(), request),
        request=request,
    )


def go_offline(segment: Segment, request: Request) -> Proposal | None:
    """Take the segment offline, where it is live; or return what waits."""
    by, now = caller(request), timezone.now()
    if _live(segment) is None:
        return None
    if uses := live_on(segment):
        raise Refused({"key": uses})
    return _attempt(
        lambda: unpublish_segment(segment=segment, by=by, now=now),
        waiting=_waiting(segment, None, request),
        request=request,
    )


def delete_unused(segment: Segment, request: Request) -> Proposal | None:
    """Delete the segment; or return what waits, where it has to go offline first.

    Raises Refused naming what uses it.
    """
    if uses := uses_of(segment):
        raise Refused({"key": uses})
    by, now = caller(request), timezone.now()
    return _attempt(
        lambda: delete_segment(segment=segment, by=by, now=now),
        waiting=_waiting(segment, None, request),
        request=request,
    )


def _attempt(
    act: Callable[[], object], *, waiting: Proposal | None, request: Request
) -> Proposal | None:
    """Do it, or return what waits for a second person: `waiting`, where that was asked before."""
    try:
        act()
    except NeedsApproval as error:
        return waiting or _submitted(error, request)
    except NobodyIsIn as error:
        raise Refused({"publish": [f"{one} {INSIST}" for one in error.messages]}) from error
    except NotPublishable as error:
        raise Refused({"publish": [*error.messages]}) from error
    return None


def _submitted(error: NeedsApproval, request: Request) -> Proposal:
    return submit(
        changes=error.changes,
        by=caller(request),
        note=error.note,
        now=timezone.now(),
        insists=error.insists,
        key_owner=key_owner(request),
    )


def _live(segment: Segment) -> dict[str, Any] | None:
    found = LiveEntry.objects.filter(section="segments", key=segment.key)
    return found.values_list("definition", flat=True).first()


def _waiting(
    segment: Segment, definition: dict[str, Any] | None, request: Request
) -> Proposal | None:
    """Return what the same key submitted of the same, where it could still be approved."""
    found = Proposal.objects.filter(
        state__in=OPEN,
        changes={f"segments/{segment.key}": definition},
        submitted_by=caller(request)[:150],
        key_owner=key_owner(request),
        publish_at=None,
    ).first()
    return found if found is not None and not what_changed(found) else None
