"""API keys in the admin."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from rest_framework_api_key.admin import APIKeyModelAdmin
from rest_framework_api_key.models import APIKey
from unfold.admin import ModelAdmin

from personalization.access.models import SCOPES, ApiKey


class ApiKeyForm(forms.ModelForm[ApiKey]):
    """Scopes as check boxes, and an owner that cannot be taken away again."""

    scopes = forms.MultipleChoiceField(
        choices=list(SCOPES.items()), widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = ApiKey
        fields = ("name", "owner", "scopes", "vouched_purposes", "expiry_date", "revoked")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A key of before there were owners can still be revoked without naming one.
        is_new = self.instance._state.adding
        self.fields["owner"].required = is_new or self.instance.owner_id is not None


# The package's own keys know no scopes.
admin.site.unregister(APIKey)


@admin.register(ApiKey)
class ApiKeyAdmin(APIKeyModelAdmin, ModelAdmin):
    """A key is shown once, when it is made."""

    form = ApiKeyForm
    list_display = (  # type: ignore[assignment]
        "name",
        "prefix",
        "owner",
        "shown_scopes",
        "created",
        "expiry_date",
        "revoked",
    )
    list_select_related = ("owner",)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Propose who makes the key as its owner."""
        return {"owner": request.user.pk, **super().get_changeform_initial_data(request)}

    @admin.display(description="scopes")
    def shown_scopes(self, key: ApiKey) -> str:
        """List the scopes."""
        return ", ".join(key.scopes)
