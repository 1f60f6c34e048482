"""What destinations were told, in the admin: tried how often, and what they answered."""

from datetime import datetime
from http import HTTPStatus
from typing import Any

import orjson
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.decorators import display

from consent.admin.reading import ReadOnlyAdmin
from personalization.activation.admin.pressing import PressedActs
from personalization.activation.models import Delivery
from personalization.activation.nudging import nudge_deliveries
from personalization.activation.sending import send_again

BADGES = {
    Delivery.State.DELIVERED: "success",
    Delivery.State.WAITING: "info",
    Delivery.State.WITHHELD: "warning",
    Delivery.State.FAILED: "danger",
}


TABLE = (
    '<table class="tries"><thead><tr><th scope="col">at (UTC)</th><th scope="col">answer</th>'
    '<th scope="col">took</th><th scope="col">what it said</th></tr></thead>'
    "<tbody>{}</tbody></table>"
)
ROW = (
    '<tr><td data-title="at">{}</td><td data-title="answer">{}</td>'
    '<td data-title="took">{} ms</td><td data-title="what it said">{}</td></tr>'
)


@admin.register(Delivery)
class DeliveryAdmin(PressedActs, ReadOnlyAdmin):
    """The delivery log, the latest first."""

    list_display = (
        "created_at",
        "destination",
        "type",
        "shown_state",
        "attempts",
        "response_code",
        "excerpt",
        "next_try_at",
    )
    list_filter = ("state", "destination", "type")
    list_select_related = ("destination",)
    search_fields = ("id",)
    search_help_text = "The id of a delivery, as its receiver knows it."
    fields = (
        "id",
        "destination",
        "type",
        "state",
        "created_at",
        "attempts",
        "next_try_at",
        "ended_at",
        "every_try",
        "sent",
    )
    readonly_fields = fields
    actions = ("send_these_again",)
    pressed = {"send_it_again": "Send again"}
    list_per_page = 50

    @display(  # type: ignore[untyped-decorator,unused-ignore]
        description="state", label=BADGES
    )
    def shown_state(self, delivery: Delivery) -> tuple[str, str]:
        """Show as a badge what became of it."""
        return delivery.state, delivery.get_state_display()

    @admin.display(description="every try", empty_value="None yet.")
    def every_try(self, delivery: Delivery) -> SafeString | None:
        """List when each was, how long it took and what came back, the latest first."""
        if not delivery.tries:
            return None
        rows = format_html_join("", ROW, (_columns(one) for one in reversed(delivery.tries)))
        return format_html(TABLE, rows)

    @admin.display(description="what is sent")
    def sent(self, delivery: Delivery) -> SafeString:
        """Show the body, in lines."""
        text = orjson.dumps(delivery.body, option=orjson.OPT_INDENT_2).decode()
        return format_html('<pre class="news__body">{}</pre>', text)

    @admin.action(description="Send again", permissions=["send"])
    def send_these_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        """Let these be tried anew."""
        again = list(queryset.exclude(state=Delivery.State.WAITING))
        for delivery in again:
            send_again(delivery, now=timezone.now())
        nudge_deliveries()
        messages.success(request, f"{len(again)} will be sent again.")

    def send_it_again(self, request: HttpRequest, object_id: str) -> None:
        """Let this be tried anew."""
        self.send_these_again(request, Delivery.objects.filter(pk=object_id))

    def may_press(self, request: HttpRequest) -> bool:
        """Offer it to those who may send."""
        return self.has_send_permission(request)

    def has_send_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whoever may set destinations up may send to them."""
        return request.user.has_perm("activation.change_destination")

    class Media:
        css = {"all": ("activation/pages.css",)}


def _columns(tried: dict[str, Any]) -> tuple[str, str, str, str]:
    at = datetime.fromisoformat(tried["at"])
    return (
        f"{at:%-d %b %Y, %H:%M:%S}",
        _answer(tried["code"]),
        f"{tried['ms']:,}",
        tried["said"] or "-",
    )


def _answer(code: int | None) -> str:
    if code is None:
        return "none"
    known = {one.value: one.phrase for one in HTTPStatus}
    return f"{code} {known.get(code, '')}".strip()
