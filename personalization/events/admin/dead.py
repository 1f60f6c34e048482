"""Dead letters in the admin: accepted events that could not be stored."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import redis
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from consent.admin.reading import ReadOnlyAdmin
from personalization.events.dead_letters import (
    dead_letter_ids,
    dead_letters,
    delete_letters,
    send_back,
)
from personalization.events.models import DeadLetter
from personalization.streams.burying import buried_count

PAGE: Final = 100
UNREACHABLE: Final = "Redis cannot be reached, so dead letters cannot be shown. Try again later."


@admin.register(DeadLetter)
class DeadLetterAdmin(ReadOnlyAdmin):
    """One page, because there is no table."""

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """List the letters, or do what the pressed button says."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            if request.method == "POST":
                return self._act(request)
            listed = _listed(after=request.GET.get("after", ""))
        except redis.RedisError:
            messages.error(request, UNREACHABLE)
            listed = {"letters": [], "total": 0}
        context = {
            **self.admin_site.each_context(request),
            "title": "Dead letters",
            "opts": self.opts,
            "may_change": request.user.has_perm("events.change_deadletter"),
            "may_delete": request.user.has_perm("events.delete_deadletter"),
            **listed,
        }
        return TemplateResponse(request, "admin/events/deadletter/change_list.html", context)

    def _act(self, request: HttpRequest) -> HttpResponse:
        wanted = request.POST.get("do", "")
        if wanted not in ACTS:
            raise PermissionDenied
        permission, act = ACTS[wanted]
        if not request.user.has_perm(permission):
            raise PermissionDenied
        ids = dead_letter_ids() if "all" in request.POST else request.POST.getlist("letter")
        if not ids:
            messages.warning(request, "Tick the letters first.")
        else:
            act(request, ids)
        return HttpResponseRedirect(reverse("admin:events_deadletter_changelist"))


def _listed(*, after: str) -> dict[str, Any]:
    letters = dead_letters(after=after, limit=PAGE)
    is_full = len(letters) == PAGE
    return {
        "letters": letters,
        "total": buried_count(),
        "next": letters[-1].id if is_full else "",
    }


def _send_back(request: HttpRequest, ids: list[str]) -> None:
    done = send_back(ids)
    said = f"{done.revived} sent back; the consumer tries them again."
    if done.unreadable:
        said += f" {done.unreadable} cannot be read and stay here."
    if done.gone:
        said += f" {done.gone} were no longer here."
    messages.add_message(request, messages.WARNING if done.unreadable else messages.SUCCESS, said)
    _log(request, ids, CHANGE, said)


def _delete(request: HttpRequest, ids: list[str]) -> None:
    said = f"{delete_letters(ids)} deleted for good."
    messages.success(request, said)
    _log(request, ids, DELETION, said)


def _log(request: HttpRequest, ids: list[str], flag: int, said: str) -> None:
    one = ids[0] if len(ids) == 1 else ""
    LogEntry.objects.create(
        user_id=int(request.user.pk or 0),
        content_type=ContentType.objects.get_for_model(DeadLetter),
        object_id=one,
        object_repr=f"Dead letter {one}" if one else f"{len(ids)} dead letters",
        action_flag=flag,
        change_message=said,
    )


ACTS: Final[Mapping[str, tuple[str, Callable[[HttpRequest, list[str]], None]]]] = {
    "send_back": ("events.change_deadletter", _send_back),
    "delete": ("events.delete_deadletter", _delete),
}
