"""Spellings, and what happens to unknown types, in the admin."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextInputWidget

from catalog.models import Category
from personalization.events.models import EventMapping, IntakePolicy
from personalization.events.normalising import country_code
from personalization.events.standards import announce_after_commit

IS_KNOWN: Final[Mapping[str, Callable[[str], bool]]] = {
    EventMapping.Kind.CATEGORY: lambda key: Category.objects.filter(key=key).exists(),
    EventMapping.Kind.COUNTRY: lambda code: country_code(code, {}) == code,
}


class MappingForm(forms.ModelForm[EventMapping]):
    """Says at the field when a spelling would lead nowhere."""

    class Meta:
        model = EventMapping
        fields = ("kind", "stated", "meant")

    def clean(self) -> dict[str, Any]:
        """Refuse a category or a country that does not exist, and a spelling that is there."""
        said = super().clean() or {}
        kind, stated, meant = (said.get(name, "") for name in ("kind", "stated", "meant"))
        if meant and kind in IS_KNOWN and not IS_KNOWN[kind](meant):
            self.add_error("meant", f"There is no such {kind}.")
        same = EventMapping.objects.filter(kind=kind, stated__iexact=stated)
        if kind != EventMapping.Kind.ITEM and same.exclude(pk=self.instance.pk).exists():
            self.add_error("stated", "This spelling is in the list already.")
        return said


@admin.register(EventMapping)
class EventMappingAdmin(ModelAdmin):
    """What is spelled in several ways, and what it means."""

    form = MappingForm
    list_display = ("stated", "meant", "kind")
    list_filter = ("kind",)
    search_fields = ("stated", "meant")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Give texts the admin's own look."""
        if db_field.name in ("stated", "meant"):
            kwargs["widget"] = UnfoldAdminTextInputWidget()
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: EventMapping, form: Any, change: bool) -> None:
        """Save, and let every process know."""
        super().save_model(request, obj, form, change)
        announce_after_commit()

    def delete_model(self, request: HttpRequest, obj: EventMapping) -> None:
        """Delete, and let every process know."""
        super().delete_model(request, obj)
        announce_after_commit()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[EventMapping]) -> None:
        """Delete, and let every process know."""
        super().delete_queryset(request, queryset)
        announce_after_commit()


@admin.register(IntakePolicy)
class IntakePolicyAdmin(ModelAdmin):
    """The one row there is; the list leads straight to it."""

    fields = ("unknown_types",)
    radio_fields = {"unknown_types": admin.VERTICAL}

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Go to the row."""
        policy, _ = IntakePolicy.objects.get_or_create(pk=1)
        return HttpResponseRedirect(reverse("admin:events_intakepolicy_change", args=[policy.pk]))

    def save_model(self, request: HttpRequest, obj: IntakePolicy, form: Any, change: bool) -> None:
        """Save, and let every process know."""
        super().save_model(request, obj, form, change)
        announce_after_commit()

    def has_add_permission(self, request: HttpRequest) -> bool:
        """There is one."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """There is always one."""
        return False
