"""Settings of the search, the button that starts one, and how far it is."""

from typing import Any

from django.contrib import admin
from django.forms.widgets import Script
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from kombu.exceptions import OperationalError
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action, display

from consent.admin.reading import ReadOnlyAdmin
from personalization.linkage.models import ComparedField, LinkageRun, LinkageSettings
from personalization.linkage.tasks import search_for_duplicates


class ComparedFieldInline(TabularInline):
    """Which fields are compared, and how."""

    model = ComparedField
    extra = 0
    min_num = 2
    validate_min = True


@admin.register(LinkageSettings)
class LinkageSettingsAdmin(ModelAdmin):
    """The one row of settings."""

    fields = ("automatic_above", "review_above", "blockings")
    inlines = (ComparedFieldInline,)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Go to the row at once."""
        only = LinkageSettings.objects.get()
        return HttpResponseRedirect(reverse("admin:linkage_linkagesettings_change", args=[only.pk]))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """There is one row."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """There is always one row."""
        return False


@admin.register(LinkageRun)
class LinkageRunAdmin(ReadOnlyAdmin):
    """Searches, with a progress bar that follows them."""

    list_display = ("__str__", "shown_state", "stage", "percent", "started_by", "message")
    fields = ("started_by", "created_at", "finished_at")
    readonly_fields = fields
    actions_list = ("search_now",)
    change_form_outer_before_template = "admin/linkage/progress.html"

    class Media:
        js = (Script("learning/progress.js", defer=True),)

    @display(  # type: ignore[untyped-decorator,unused-ignore]
        description="state",
        label={
            LinkageRun.State.DONE: "success",
            LinkageRun.State.RUNNING: "info",
            LinkageRun.State.FAILED: "danger",
        },
    )
    def shown_state(self, run: LinkageRun) -> tuple[str, str]:
        """Show the state as a coloured badge."""
        return run.state, run.get_state_display()

    @action(  # type: ignore[untyped-decorator,unused-ignore]
        description="Search for duplicates now", permissions=["search"], icon="join_inner"
    )
    def search_now(self, request: HttpRequest) -> HttpResponse:
        """Ask, then start a search in the background and show its progress."""
        if request.method != "POST":
            context = self.admin_site.each_context(request) | {
                "title": "Search for duplicates now?",
                "settings": LinkageSettings.objects.get(),
                "cancel_url": reverse("admin:linkage_linkagerun_changelist"),
                "opts": self.opts,
            }
            return TemplateResponse(request, "admin/linkage/confirm.html", context)
        run = LinkageRun.objects.create(started_by=request.user.get_username())
        _enqueue(run)
        return HttpResponseRedirect(reverse("admin:linkage_linkagerun_change", args=[run.pk]))

    def has_search_permission(self, request: HttpRequest) -> bool:
        """Let those search who may add searches, though nobody types one in."""
        return bool(request.user.has_perm("linkage.add_linkagerun"))

    def get_urls(self) -> list[URLPattern]:
        """Add the address that the progress bar asks."""
        progress = path(
            "<int:run_id>/progress.json",
            self.admin_site.admin_view(self.progress),
            name="linkage_linkagerun_progress",
        )
        return [progress, *super().get_urls()]

    def progress(self, request: HttpRequest, run_id: int) -> JsonResponse:
        """Answer how far a search is."""
        if not self.has_view_permission(request):
            return JsonResponse({}, status=403)
        run = get_object_or_404(LinkageRun, pk=run_id)
        state = {name: getattr(run, name) for name in ("percent", "stage", "message", "is_over")}
        return JsonResponse(state | {"label": run.get_state_display()})


def _enqueue(run: LinkageRun) -> None:
    try:
        search_for_duplicates.apply_async((run.pk,), retry=False)
    except OperationalError as error:
        run.state = LinkageRun.State.FAILED
        run.message = f"The queue of background work does not answer: {error}"
        run.finished_at = timezone.now()
        run.save(update_fields=["state", "message", "finished_at"])
