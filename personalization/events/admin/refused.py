"""Refused and quarantined events in the admin: looked at, let in after all, or deleted."""

import json
from typing import Any

import redis
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from consent.admin.reading import ReadOnlyAdmin
from personalization.events.models import RefusedEvent
from personalization.events.refusing import KEPT
from personalization.events.replaying import Replayed, replay
from personalization.streams.stream import StreamUnavailable

MASKED = ("anonymous_id", "user_id")
SEALED_TOO = "What says directly who it was is kept encrypted, and comes back when it is let in."


@admin.register(RefusedEvent)
class RefusedEventAdmin(ReadOnlyAdmin):
    """What did not get in within the last seven days; only of people who have agreed."""

    list_display = ("received_at", "shown_kind", "type", "source", "field", "reason", "deleted_at")
    list_filter = ("kind", "type", "source", "field", "reason")
    fields: tuple[str, ...] = (
        "received_at",
        "kind",
        "type",
        "source",
        "field",
        "reason",
        "event",
        "deleted_at",
    )
    readonly_fields = fields
    actions = ("let_in",)
    list_per_page = 50
    show_full_result_count = False

    @display(  # type: ignore[untyped-decorator,unused-ignore]
        description="kind",
        label={RefusedEvent.Kind.REFUSED: "danger", RefusedEvent.Kind.QUARANTINED: "warning"},
    )
    def shown_kind(self, event: RefusedEvent) -> tuple[str, str]:
        """Show the kind as a coloured badge."""
        return event.kind, event.get_kind_display()

    @admin.display(description="kept until")
    def deleted_at(self, event: RefusedEvent) -> str:
        """Say when it goes."""
        return f"{event.received_at + KEPT:%-d %b %Y, %H:%M}"

    @admin.display(description="event")
    def event(self, event: RefusedEvent) -> SafeString:
        """Show what came, without who it was."""
        stated = json.loads(bytes(event.payload))
        if isinstance(stated, dict):
            stated |= {name: "…" for name in MASKED if stated.get(name)}
        written = json.dumps(stated, indent=2, ensure_ascii=False)
        more = SEALED_TOO if event.sealed else ""
        return format_html('<pre style="white-space: pre-wrap">{}</pre>{}', written, more)

    @admin.action(description="Let in again, where it fits now", permissions=["let_in"])
    def let_in(self, request: HttpRequest, chosen: QuerySet[RefusedEvent]) -> None:
        """Try the chosen events again, and say what became of them."""
        try:
            done = replay(chosen, now=timezone.now())
        except (StreamUnavailable, redis.RedisError):
            messages.error(request, "Events cannot be taken now. Nothing is lost; try again later.")
            return
        self._log(request, done)
        level = messages.WARNING if done.refused else messages.SUCCESS
        self.message_user(request, _sentence(done), level)

    def has_let_in_permission(self, request: HttpRequest) -> bool:
        """Ask for the right to change refused events, though they are shown read-only."""
        return bool(request.user.has_perm("events.change_refusedevent"))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let those delete who may."""
        return bool(request.user.has_perm("events.delete_refusedevent"))

    def _log(self, request: HttpRequest, done: Replayed) -> None:
        LogEntry.objects.create(
            user_id=int(request.user.pk or 0),
            content_type=ContentType.objects.get_for_model(RefusedEvent),
            object_id="",
            object_repr="Refused events",
            action_flag=CHANGE,
            change_message=_sentence(done),
        )


def _sentence(done: Replayed) -> str:
    said = f"{done.accepted} let in, {done.refused} still refused."
    if done.withdrawn:
        said += f" {done.withdrawn} deleted: the person agrees no longer."
    return said
