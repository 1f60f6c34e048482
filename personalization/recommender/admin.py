"""Model versions in the admin: their scores, and the buttons that train, and go back."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from kombu.exceptions import OperationalError
from unfold.admin import ModelAdmin
from unfold.dataclasses import UnfoldAction
from unfold.decorators import action, display

from personalization.learning.models import ModelVersion, TrainingRun
from personalization.learning.registry import CannotGoLive
from personalization.recommender.going_live import go_back
from personalization.recommender.live import KIND
from personalization.recommender.scorecards import render_scores
from personalization.recommender.tasks import continue_training_run

GO_BACK = (
    '<button type="submit" formmethod="post" formaction="{}" formnovalidate'
    ' class="border border-base-200 cursor-pointer font-medium px-3 py-1 rounded-default'
    ' whitespace-nowrap">Go back to this version</button>'
)


@admin.register(ModelVersion)
class ModelVersionAdmin(ModelAdmin):
    """Which models there are, how good they are, and which one visitors see."""

    list_display = (
        "__str__",
        "shown_state",
        "own_ndcg",
        "popularity_ndcg",
        "live_ndcg",
        "trained_until",
        "promoted_at",
        "reason",
        "way_back",
    )
    list_filter = ("state",)
    fields = ("state", "reason", "scores", "trained_at", "trained_until", "promoted_at")
    readonly_fields = fields
    actions_list = ("retrain_now",)
    actions_detail = ("make_live",)
    actions_row = ("make_live",)

    @display(  # type: ignore[untyped-decorator,unused-ignore]
        description="state",
        label={
            ModelVersion.State.LIVE: "success",
            ModelVersion.State.RETIRED: "info",
            ModelVersion.State.REFUSED: "warning",
        },
    )
    def shown_state(self, version: ModelVersion) -> tuple[str, str]:
        """Show the state as a coloured badge."""
        return version.state, version.get_state_display()

    @admin.display(description="NDCG@10")
    def own_ndcg(self, version: ModelVersion) -> str:
        """Show how well it ranks."""
        return _ndcg(version, "candidate")

    @admin.display(description="popular last month")
    def popularity_ndcg(self, version: ModelVersion) -> str:
        """Show what showing everyone the same would have scored."""
        return _ndcg(version, "popular_lately")

    @admin.display(description="live then")
    def live_ndcg(self, version: ModelVersion) -> str:
        """Show what the live model of that time scored."""
        return _ndcg(version, "live")

    @admin.display(description="")
    def way_back(self, version: ModelVersion) -> str:
        """Offer to go back with one click; the button sends the list's own form elsewhere."""
        if not version.can_return:
            return ""
        address = reverse("admin:learning_modelversion_make_live", args=[version.pk])
        return format_html(GO_BACK, address)

    @admin.display(description="scores")
    def scores(self, version: ModelVersion) -> str:
        """Show all scores."""
        return render_scores(version.metrics) or "-"

    @action(  # type: ignore[untyped-decorator,unused-ignore]
        description="Retrain now", permissions=["change"], icon="model_training"
    )
    def retrain_now(self, request: HttpRequest) -> HttpResponse:
        """Ask, then start a training in the background and show its progress."""
        if request.method != "POST":
            return self._confirm(
                request,
                question="Train a new recommender now?",
                consequence="It takes a minute or so. Visitors see the new model only if it ranks"
                " better than popularity and than the live model.",
                button="Retrain now",
            )
        run = TrainingRun.objects.create(kind=KIND, started_by=request.user.get_username())
        _enqueue(run)
        return HttpResponseRedirect(reverse("admin:learning_trainingrun_change", args=[run.pk]))

    @action(  # type: ignore[untyped-decorator,unused-ignore]
        description="Go back to this version", permissions=["change"], icon="history"
    )
    def make_live(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Ask, then make an earlier version live again."""
        version = get_object_or_404(ModelVersion, pk=object_id)
        if version.state == ModelVersion.State.LIVE:
            messages.info(request, f"{version} is live already.")
        elif request.method != "POST" and version.can_return:
            return self._confirm(
                request,
                question=f"Make {version} live again?",
                consequence="All visitors see its recommendations within two seconds. The version"
                " that is live now is kept, so you can return to it.",
                button="Make live",
            )
        else:
            self._go_back(request, version)
        return HttpResponseRedirect(reverse("admin:learning_modelversion_changelist"))

    def _go_back(self, request: HttpRequest, version: ModelVersion) -> None:
        try:
            go_back(to=version, now=timezone.now())
        except CannotGoLive as error:
            messages.error(request, str(error))
        else:
            self.log_change(request, version, "Made live again.")
            messages.success(request, f"{version} is live.")

    def _confirm(self, request: HttpRequest, **words: str) -> HttpResponse:
        cancel_url = reverse("admin:learning_modelversion_changelist")
        context = self.admin_site.each_context(request) | words
        context |= {"title": words["question"], "cancel_url": cancel_url, "opts": self.opts}
        return TemplateResponse(request, "admin/recommender/confirm.html", context)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Show no save buttons: nothing here is typed in."""
        hidden = dict.fromkeys(("show_save", "show_save_and_continue"), False)
        return super().changeform_view(
            request, object_id, form_url, {**(extra_context or {}), **hidden}
        )

    def get_actions_detail(self, request: HttpRequest, object_id: int) -> list[UnfoldAction]:
        """Offer the way back on all pages but that of the version that is live."""
        offered: list[UnfoldAction] = super().get_actions_detail(request, object_id)
        live = ModelVersion.objects.filter(pk=object_id, state=ModelVersion.State.LIVE)
        return [] if live.exists() else offered

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Versions come of trainings."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ModelVersion | None = None) -> bool:
        """Old versions are cleared by trainings."""
        return False


def _ndcg(version: ModelVersion, contender: str) -> str:
    score = version.metrics.get(contender, {}).get("all", {}).get("ndcg")
    return "-" if score is None else f"{score:.4f}"


def _enqueue(run: TrainingRun) -> None:
    try:
        continue_training_run.apply_async((run.pk,), retry=False)
    except OperationalError as error:
        run.state = TrainingRun.State.FAILED
        run.message = f"The queue of background work does not answer: {error}"
        run.finished_at = timezone.now()
        run.save(update_fields=["state", "message", "finished_at"])
