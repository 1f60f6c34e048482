"""Merges in the admin: what was merged and why, and the way back."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextInputWidget

from consent.admin.reading import ReadOnlyAdmin
from personalization.profiles.explaining import explain
from personalization.profiles.models import ProfileMerge
from personalization.profiles.undoing import CannotUndo, undo_merge


class UndoForm(forms.Form):
    """Why the two are not one person after all."""

    why = forms.CharField(
        label="Why they are two people",
        max_length=300,
        widget=UnfoldAdminTextInputWidget,
        help_text="Kept with the merge, for whoever asks later. Name nobody.",
    )


@admin.register(ProfileMerge)
class ProfileMergeAdmin(ReadOnlyAdmin):
    """Which profiles became one, why, and which were taken apart again."""

    list_display = ("__str__", "merged_at", "means", "event_type", "shown_state", "by")
    list_filter = ("means", ("undone_at", admin.EmptyFieldListFilter))
    date_hierarchy = "merged_at"
    search_fields = ("=into_id", "=absorbed_id", "=kept__id")
    search_help_text = "The number of a profile."
    fields = ("story", "shown_state", "profile", "identifiers", "merged_at")
    readonly_fields = fields
    list_per_page = 50
    show_full_result_count = False
    actions_detail = ("undo",)

    @admin.display(description="what happened")
    def story(self, merge: ProfileMerge) -> str:
        """Tell it in a sentence."""
        return explain(merge)

    @admin.display(description="profile that has its history now")
    def profile(self, merge: ProfileMerge) -> SafeString:
        """Lead to the profile."""
        address = reverse("admin:profiles_profile_change", args=[merge.kept_id])
        return format_html('<a class="underline" href="{}">Profile {}</a>', address, merge.kept_id)

    @admin.display(description="identifiers that came with it")
    def identifiers(self, merge: ProfileMerge) -> int:
        """Count what would go back."""
        return len(merge.identifier_ids)

    @display(  # type: ignore[untyped-decorator,unused-ignore]
        description="state", label={"in force": "success", "undone": "warning"}
    )
    def shown_state(self, merge: ProfileMerge) -> str:
        """Show whether it counts."""
        return "in force" if merge.undone_at is None else "undone"

    @action(  # type: ignore[untyped-decorator,unused-ignore]
        description="Undo this merge", permissions=["undo"], icon="undo"
    )
    def undo(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Ask why, then take the two apart."""
        merge = get_object_or_404(ProfileMerge.objects.select_related("kept"), pk=object_id)
        form = UndoForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            return self._undo(request, merge, why=form.cleaned_data["why"])
        context = self.admin_site.each_context(request) | {
            "title": f"Take profile {merge.absorbed_id} and profile {merge.kept_id} apart?",
            "story": explain(merge),
            "merge": merge,
            "form": form,
            "opts": self.opts,
            "cancel_url": reverse("admin:profiles_profilemerge_change", args=[merge.pk]),
        }
        return TemplateResponse(request, "admin/profiles/undo_merge.html", context)

    def _undo(self, request: HttpRequest, merge: ProfileMerge, *, why: str) -> HttpResponse:
        by = request.user.get_username()
        try:
            undo_merge(merge.pk, by=by, why=why, now=timezone.now())
        except CannotUndo as refusal:
            messages.error(request, f"Nothing was undone. {refusal}")
        else:
            self.log_change(request, merge, f"Undone: {why}")
            messages.success(request, f"Profile {merge.absorbed_id} is back, with its events.")
        return HttpResponseRedirect(reverse("admin:profiles_profilemerge_change", args=[merge.pk]))

    def has_undo_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Offer the way back, while there is one, to who may change merges."""
        may = bool(request.user.has_perm("profiles.change_profilemerge"))
        return may and ProfileMerge.objects.in_force().filter(pk=object_id).exists()
