"""Privacy requests in the admin: opened here, followed here, run again here."""

from functools import partial
from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from consent.models import PrivacyRequest, PrivacyRequestTransition, Receipt
from consent.models.requests import COMPLETED, FAILED, PARTIAL, RECEIVED, MoveRefused
from consent.requests import confirm_identity, open_request, run_again
from consent.subjects import Identifier, NoIdentifier, Subject, can_name
from consent.tasks import enqueue

KINDS: Final = {
    "user": "Customer number or user name",
    "email": "E-mail address",
    "anonymous": "Browser (consent id)",
}
LABELS: Final = {COMPLETED: "success", PARTIAL: "warning", FAILED: "danger"}


class OpenRequestForm(forms.ModelForm[PrivacyRequest]):
    """Who asks for what; the identifier is turned into a digest and kept nowhere."""

    identifier_kind = forms.ChoiceField(
        label="How the person is known",
        choices=list(KINDS.items()),
        widget=UnfoldAdminSelectWidget,
        help_text="One is enough: everything that is linked to it is found.",
    )
    identifier = forms.CharField(
        max_length=256,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text="Only a keyed digest of it is kept. Open the request after you have made sure"
        " who is asking: erasure starts at once and cannot be undone.",
    )

    class Meta:
        model = PrivacyRequest
        fields = ("type", "regulation")

    def clean(self) -> dict[str, Any] | None:
        """Refuse what can be no identifier of the chosen kind."""
        stated = super().clean() or self.cleaned_data
        kind, value = stated.get("identifier_kind"), stated.get("identifier")
        if kind and value and not can_name(kind, value):
            self.add_error("identifier", str(NoIdentifier(kind)))
        return stated


class TransitionInline(TabularInline):
    """What happened, and when."""

    model = PrivacyRequestTransition
    fields = ("at", "from_state", "to_state", "by", "note")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The audit writes itself."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The audit stays as it is."""
        return False


@admin.register(PrivacyRequest)
class PrivacyRequestAdmin(ModelAdmin):
    """What people asked for, how far it is, and the proof."""

    list_display = ("short_id", "type", "shown_state", "regulation", "opened_by", "received_at")
    list_filter = ("state", "type", "regulation")
    date_hierarchy = "received_at"
    search_fields = ("id__startswith", "opened_by")
    actions = ("run_again_all",)
    actions_submit_line = ("confirm", "run_again_one")

    @admin.display(description="request")
    def short_id(self, request: PrivacyRequest) -> str:
        """Show the request's number."""
        return str(request.pk)[:8]

    @display(description="state", label=LABELS)  # type: ignore[untyped-decorator,unused-ignore]
    def shown_state(self, request: PrivacyRequest) -> str:
        """Show the state in colour."""
        return request.state

    @admin.display(description="receipt")
    def receipt_table(self, request: PrivacyRequest) -> SafeString:
        """Show the latest receipt as a table."""
        return render_to_string(
            "consent/admin_receipt.html", {"receipt": request.latest_receipt, "request": request}
        )

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm[PrivacyRequest]]:
        """Ask for an identifier only where a request is opened."""
        if obj is None:
            kwargs["form"] = OpenRequestForm
        form: type[forms.ModelForm[PrivacyRequest]] = super().get_form(
            request, obj, change, **kwargs
        )
        return form

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Show another set of fields while the request is being opened."""
        if obj is None:
            return ("type", "regulation", "identifier_kind", "identifier")
        return (
            "id",
            "shown_state",
            "type",
            "regulation",
            "subject_kind",
            "opened_by",
            "received_at",
            "started_at",
            "attempts",
            "receipt_table",
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """What was opened is only followed."""
        return self.get_fields(request, obj) if obj else ()

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[type[TabularInline]]:
        """Show the audit once there is one."""
        return [TransitionInline] if obj else []

    def get_actions_submit_line(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Offer what the state allows."""
        found = PrivacyRequest.objects.filter(pk=object_id).first()
        if found is None or not self.has_change_permission(request):
            return []
        offered = {RECEIVED: "confirm", PARTIAL: "run_again_one", FAILED: "run_again_one"}
        name = offered.get(found.state)
        return [self.get_unfold_action(name)] if name else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Requests are proof."""
        return False

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Leave out the buttons that would save nothing."""
        hidden = dict.fromkeys(("show_save", "show_save_and_continue"), False)
        response: HttpResponse = super().change_view(
            request, object_id, form_url, {**(extra_context or {}), **hidden}
        )
        return response

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> PrivacyRequest:
        """Open the request from what the form says."""
        unsaved: PrivacyRequest = form.save(commit=False)
        if change:
            return unsaved
        stated = form.cleaned_data
        opened = open_request(
            type=stated["type"],
            regulation=stated["regulation"],
            subject=Subject((Identifier(stated["identifier_kind"], stated["identifier"]),)),
            opened_by=request.user.get_username(),
            verified=True,
            now=timezone.now(),
        )
        transaction.on_commit(partial(enqueue, opened))
        return opened

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Do what the pressed button says; the row itself is the worker's to write."""
        for offered in self.get_actions_submit_line(request, obj.pk) if change else ():
            if offered.action_name in request.POST:
                offered.method(request, obj)

    @action(description="The identity is confirmed: start")  # type: ignore[untyped-decorator,unused-ignore]
    def confirm(self, request: HttpRequest, obj: PrivacyRequest) -> None:
        """Start a request whose identity an officer has established."""
        confirm_identity(obj, by=request.user.get_username(), now=timezone.now())
        transaction.on_commit(partial(enqueue, obj))

    @action(description="Run again")  # type: ignore[untyped-decorator,unused-ignore]
    def run_again_one(self, request: HttpRequest, obj: PrivacyRequest) -> None:
        """Queue the request once more."""
        run_again(obj, by=request.user.get_username(), now=timezone.now())
        transaction.on_commit(partial(enqueue, obj))

    @admin.action(description="Run again (partial and failed ones)", permissions=["change"])
    def run_again_all(self, request: HttpRequest, chosen: QuerySet[PrivacyRequest]) -> None:
        """Queue each chosen request once more, and name those that cannot be."""
        for one in chosen:
            try:
                self.run_again_one(request, one)
            except MoveRefused as refusal:
                self.message_user(request, f"{self.short_id(one)}: {refusal}", messages.WARNING)

    def get_urls(self) -> list[URLPattern]:
        """Add the address of the receipt."""
        download = self.admin_site.admin_view(self.download_receipt)
        name = "consent_privacyrequest_receipt"
        urls: list[URLPattern] = super().get_urls()
        return [path("<uuid:request_id>/receipt", download, name=name), *urls]

    def download_receipt(self, request: HttpRequest, request_id: UUID) -> HttpResponse:
        """Hand out the latest receipt as JSON."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = get_object_or_404(PrivacyRequest, pk=request_id)
        receipt = found.latest_receipt or get_object_or_404(Receipt, request=found)
        disposition = {"Content-Disposition": f'attachment; filename="receipt-{request_id}.json"'}
        return JsonResponse(receipt.as_json(), headers=disposition, json_dumps_params={"indent": 2})
