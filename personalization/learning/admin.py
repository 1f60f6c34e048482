"""Training runs in the admin, with a progress bar that follows them."""

from typing import Any

from django.contrib import admin
from django.forms.widgets import Script
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from unfold.decorators import display

from consent.admin.reading import ReadOnlyAdmin
from personalization.learning.models import TrainingRun


@admin.register(TrainingRun)
class TrainingRunAdmin(ReadOnlyAdmin):
    """What was trained when, and how it ended; nobody writes here."""

    list_display = (
        "created_at",
        "kind",
        "shown_state",
        "stage",
        "percent",
        "started_by",
        "message",
    )
    list_filter = ("state", "kind")
    fields = ("kind", "started_by", "created_at", "finished_at", "version")
    readonly_fields = fields
    list_select_related = ("version",)
    change_form_outer_before_template = "admin/learning/progress.html"

    class Media:
        js = (Script("learning/progress.js", defer=True),)

    @display(  # type: ignore[untyped-decorator,unused-ignore]
        description="state",
        label={
            TrainingRun.State.PROMOTED: "success",
            TrainingRun.State.RUNNING: "info",
            TrainingRun.State.REFUSED: "warning",
            TrainingRun.State.FAILED: "danger",
        },
    )
    def shown_state(self, run: TrainingRun) -> tuple[str, str]:
        """Show the state as a coloured badge."""
        return run.state, run.get_state_display()

    def get_urls(self) -> list[URLPattern]:
        """Add the address that the progress bar asks."""
        progress = path(
            "<int:run_id>/progress.json",
            self.admin_site.admin_view(self.progress),
            name="learning_trainingrun_progress",
        )
        return [progress, *super().get_urls()]

    def progress(self, request: HttpRequest, run_id: int) -> JsonResponse:
        """Answer how far a run is."""
        if not self.has_view_permission(request):
            return JsonResponse({}, status=403)
        run = get_object_or_404(TrainingRun, pk=run_id)
        state: dict[str, Any] = {
            "percent": run.percent,
            "label": run.get_state_display(),
            "stage": run.stage,
            "message": run.message,
            "is_over": run.is_over,
        }
        return JsonResponse(state)

    def has_view_permission(self, request: HttpRequest, obj: TrainingRun | None = None) -> bool:
        """Show runs to everyone who may see the models that come of them."""
        return request.user.has_perm("learning.view_modelversion") or request.user.has_perm(
            "learning.change_modelversion"
        )

    def has_module_permission(self, request: HttpRequest) -> bool:
        """List the room for those who may look."""
        return self.has_view_permission(request)
