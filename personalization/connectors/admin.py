"""Connections and their runs in the admin."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from kombu.exceptions import OperationalError
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from consent.admin.reading import ReadOnlyAdmin
from personalization.connectors.forms import NewConnectionForm, form_for
from personalization.connectors.kinds import CONNECTORS
from personalization.connectors.models import Connection, Run
from personalization.connectors.running import FAILURES, ROWS_TRIED, try_connection
from personalization.connectors.tasks import ask_connection

RUNS_SHOWN = 10
SECRET = ("secret", "forget_secret", "secret_variable")
BADGES = {
    Run.State.DONE: "success",
    Run.State.RUNNING: "info",
    Run.State.FAILED: "danger",
}


@admin.register(Connection)
class ConnectionAdmin(ModelAdmin):
    """Systems from which people come."""

    list_display = ("name", "shown_kind", "is_active", "last_run", "last_state", "next_run_at")
    list_filter = ("is_active", "kind")
    search_fields = ("name", "key")
    readonly_fields = (
        "shown_kind",
        "shown_settings",
        "secret_set_at",
        "address",
        "next_run_at",
        "failures",
        "latest_runs",
    )
    prepopulated_fields = {"key": ("name",)}
    actions_detail = ("try_it", "run_now")

    def get_form(
        self, request: HttpRequest, obj: Connection | None = None, change: bool = False, **how: Any
    ) -> Any:
        """Ask for name and kind first, and then for what the kind needs."""
        how["form"] = form_for(obj.kind) if obj else NewConnectionForm
        return super().get_form(request, obj, change=change, **how)

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: Connection | None = None
    ) -> dict[str, Any]:
        """Propose a key for what is new; an address that is in use stays."""
        return {} if obj else self.prepopulated_fields

    def get_fieldsets(self, request: HttpRequest, obj: Connection | None = None) -> Any:
        """Return the parts of the page."""
        if obj is None:
            return [(None, {"fields": ("name", "key", "kind")})]
        settings = (*CONNECTORS[obj.kind].form.base_fields, *SECRET)
        if not self.has_change_permission(request, obj):
            settings = ("shown_settings", "secret_variable", "secret_set_at")
        asked = ("every_minutes", "next_run_at", "failures", "cursor")
        when = asked if obj.connector.is_asked else ("address",)
        return [
            (None, {"fields": ("name", "key", "shown_kind", "is_active")}),
            (CONNECTORS[obj.kind].title, {"fields": settings}),
            ("What the columns mean", {"fields": ("mapping", "vouched_purposes")}),
            ("When", {"fields": when}),
            ("Latest runs", {"fields": ("latest_runs",)}),
        ]

    def response_add(
        self, request: HttpRequest, obj: Connection, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Go on to the settings, which the first page could not ask for."""
        return HttpResponseRedirect(reverse("admin:connectors_connection_change", args=[obj.pk]))

    @admin.display(description="kind")
    def shown_kind(self, connection: Connection) -> str:
        """Show the kind by its title."""
        return CONNECTORS[connection.kind].title if connection.kind else "-"

    @admin.display(description="settings")
    def shown_settings(self, connection: Connection) -> str:
        """Show the settings to whoever may only look; there is no secret among them."""
        return ", ".join(f"{name}: {value}" for name, value in connection.settings.items() if value)

    @admin.display(description="address to send to")
    def address(self, connection: Connection) -> str:
        """Show where the source sends what changed."""
        return reverse("source", args=[connection.key])

    @admin.display(description="last run")
    def last_run(self, connection: Connection) -> str:
        """Show when it was asked last, and how much came in."""
        run = connection.runs.first()
        if run is None:
            return "-"
        taken = run.created + run.updated
        return f"{run.started_at:%Y-%m-%d %H:%M}: {taken:,} taken in, {run.refused:,} refused"

    @display(  # type: ignore[untyped-decorator,unused-ignore]
        description="state", label=BADGES
    )
    def last_state(self, connection: Connection) -> tuple[str, str] | None:
        """Show as a badge how the last run ended."""
        run = connection.runs.first()
        return (run.state, run.get_state_display()) if run else None

    @admin.display(description="")
    def latest_runs(self, connection: Connection) -> SafeString:
        """Show the latest runs with counts, and what they said."""
        runs = connection.runs.all()[:RUNS_SHOWN]
        return render_to_string("admin/connectors/runs.html", {"runs": runs})

    @action(  # type: ignore[untyped-decorator,unused-ignore]
        description="Dry run", permissions=["ask"], icon="science"
    )
    def try_it(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Ask the source, and show what the next rows would become; nothing is kept."""
        connection = get_object_or_404(Connection, pk=object_id)
        context = self._page(request, connection, title=f"Dry run of {connection}")
        if request.method != "POST":
            return self._confirm(
                request,
                connection,
                question=f"Ask {connection}, and keep nothing?",
                consequence=f"You see what its next {ROWS_TRIED} rows would become.",
                button="Dry run",
            )
        try:
            context["done"] = try_connection(connection, clock=timezone.now)
        except FAILURES as error:
            context["failure"] = str(error)
        return TemplateResponse(request, "admin/connectors/dry_run.html", context)

    @action(  # type: ignore[untyped-decorator,unused-ignore]
        description="Run now", permissions=["ask"], icon="sync"
    )
    def run_now(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Ask, then have the source read in the background."""
        connection = get_object_or_404(Connection, pk=object_id)
        if request.method != "POST":
            return self._confirm(
                request,
                connection,
                question=f"Read what changed at {connection} now?",
                consequence="It runs in the background; this page shows what became of it.",
                button="Run now",
            )
        try:
            ask_connection.apply_async((connection.pk, request.user.get_username()), retry=False)
        except OperationalError as error:
            messages.error(request, f"The queue of background work does not answer: {error}")
        else:
            self.log_change(request, connection, "Asked for a run.")
            messages.success(request, f"{connection} is being read. Reload this page for its run.")
        return HttpResponseRedirect(
            reverse("admin:connectors_connection_change", args=[connection.pk])
        )

    def has_ask_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Offer runs to whoever may change the connection, if the source can be asked."""
        asked = [key for key, connector in CONNECTORS.items() if connector.is_asked]
        found = Connection.objects.filter(pk=object_id, kind__in=asked).exclude(mapping="")
        return self.has_change_permission(request) and found.exists()

    def _confirm(self, request: HttpRequest, connection: Connection, **words: str) -> HttpResponse:
        context = self._page(request, connection, title=words["question"]) | words
        return TemplateResponse(request, "admin/recommender/confirm.html", context)

    def _page(self, request: HttpRequest, connection: Connection, *, title: str) -> dict[str, Any]:
        back = reverse("admin:connectors_connection_change", args=[connection.pk])
        return {
            **self.admin_site.each_context(request),
            "title": title,
            "cancel_url": back,
            "connection": connection,
            "opts": self.opts,
        }


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    """What each run did; nobody writes here."""

    list_display = (
        "started_at",
        "connection",
        "shown_state",
        "read",
        "created",
        "updated",
        "unchanged",
        "refused",
        "message",
    )
    list_filter = ("state", "connection")
    list_select_related = ("connection",)
    fields = (
        "connection",
        "shown_state",
        "started_by",
        "started_at",
        "finished_at",
        "message",
        "counts",
        "refusals",
    )
    readonly_fields = fields

    @display(  # type: ignore[untyped-decorator,unused-ignore]
        description="state", label=BADGES
    )
    def shown_state(self, run: Run) -> tuple[str, str]:
        """Show the state as a coloured badge."""
        return run.state, run.get_state_display()

    @admin.display(description="rows")
    def counts(self, run: Run) -> str:
        """Say in a sentence what became of the rows."""
        return (
            f"{run.read:,} read: {run.created:,} created, {run.updated:,} updated, "
            f"{run.unchanged:,} unchanged, {run.refused:,} refused"
        )

    @admin.display(description="refused rows")
    def refusals(self, run: Run) -> SafeString:
        """Count the refusals by reason, and show the first."""
        return render_to_string("admin/connectors/refusals.html", {"run": run})
