"""API keys in the admin."""

from django import forms
from django.contrib import admin
from rest_framework_api_key.admin import APIKeyModelAdmin
from rest_framework_api_key.models import APIKey
from unfold.admin import ModelAdmin

from personalization.access.models import SCOPES, ApiKey


class ApiKeyForm(forms.ModelForm[ApiKey]):
    """Scopes as check boxes."""

    scopes = forms.MultipleChoiceField(
        choices=list(SCOPES.items()), widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = ApiKey
        fields = ("name", "scopes", "vouched_purposes", "expiry_date", "revoked")


# The package's own keys know no scopes.
admin.site.unregister(APIKey)


@admin.register(ApiKey)
class ApiKeyAdmin(APIKeyModelAdmin, ModelAdmin):
    """A key is shown once, when it is made."""

    form = ApiKeyForm
    list_display = ("name", "prefix", "shown_scopes", "created", "expiry_date", "revoked")

    @admin.display(description="scopes")
    def shown_scopes(self, key: ApiKey) -> str:
        """List the scopes."""
        return ", ".join(key.scopes)
