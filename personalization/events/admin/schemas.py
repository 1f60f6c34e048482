"""Event schemas in the admin: each save is a new version, and every version can return."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Max, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.decorators import action

from personalization.events.models import EventSchema
from personalization.events.schema_checking import compile_schema, described_fields
from personalization.events.schema_forms import SchemaForm
from personalization.events.schema_versions import (
    objections_lately,
    save_schema,
    versions_of,
    withdraw_schema,
)


@admin.register(EventSchema)
class EventSchemaAdmin(ModelAdmin):
    """The latest version of each type; earlier ones are a page away."""

    form = SchemaForm
    list_display = ("type", "is_active", "version", "described", "note", "saved_at", "saved_by")
    list_filter = ("is_active",)
    search_fields = ("type", "note")
    fields = ("type", "schema", "note")
    actions = ("withdraw",)
    actions_detail = ("versions",)

    @admin.display(description="describes")
    def described(self, saved: EventSchema) -> str:
        """Name the fields that the schema describes."""
        names = [name for _, name in described_fields(saved.schema)]
        return ", ".join(names) or "nothing in particular"

    def get_queryset(self, request: HttpRequest) -> QuerySet[EventSchema]:
        """Show the latest version of each type."""
        of_type = EventSchema.objects.filter(type=OuterRef("type")).values("type")
        latest = of_type.annotate(latest=Max("version")).values("latest")
        found: QuerySet[EventSchema] = super().get_queryset(request)
        return found.filter(version=Subquery(latest))

    def get_readonly_fields(
        self, request: HttpRequest, obj: EventSchema | None = None
    ) -> tuple[str, ...]:
        """Keep the type of what is a version of it."""
        return ("type",) if obj else ()

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin with a schema that describes nothing yet."""
        start = {
            "type": "object",
            "properties": {"properties": {"type": "object", "properties": {}}},
        }
        return {"schema": start, **super().get_changeform_initial_data(request)}

    def get_form(
        self, request: HttpRequest, obj: EventSchema | None = None, change: bool = False, **kw: Any
    ) -> Any:
        """Leave the note empty: it is about the version that is being written."""
        form = super().get_form(request, obj, change, **kw)
        if obj is not None and request.method == "GET":
            obj.note = ""
        return form

    def save_model(self, request: HttpRequest, obj: EventSchema, form: Any, change: bool) -> None:
        """Put what the form says into force as the next version."""
        saved = save_schema(
            type=obj.type,
            schema=obj.schema,
            note=obj.note,
            by=request.user.get_username(),
            now=timezone.now(),
        )
        obj.pk, obj.version, obj.is_active = saved.pk, saved.version, True
        self._say_what_it_would_refuse(request, saved)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Versions are kept; a schema is taken out of force instead."""
        return False

    def has_put_permission(self, request: HttpRequest) -> bool:
        """Ask for the right to change schemas."""
        return bool(request.user.has_perm("events.change_eventschema"))

    @admin.action(description="Take out of force", permissions=["put"])
    def withdraw(self, request: HttpRequest, chosen: QuerySet[EventSchema]) -> None:
        """Let the chosen types be unknown from now on."""
        for one in chosen:
            withdraw_schema(type=one.type)
            self.log_change(request, one, "Taken out of force.")
        self.message_user(request, f"{len(chosen)} taken out of force. It counts in two seconds.")

    @action(  # type: ignore[untyped-decorator,unused-ignore]
        description="Versions", url_path="versions", permissions=["view"]
    )
    def versions(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """List all versions with what each changed; a POST puts one back into force."""
        shown = get_object_or_404(EventSchema, pk=object_id)
        may_change = self.has_change_permission(request)
        if request.method == "POST" and may_change:
            return self._restore(request, shown)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Versions of {shown.type}",
            "opts": self.opts,
            "schema": shown,
            "versions": versions_of(shown.type),
            "may_change": may_change,
        }
        return TemplateResponse(request, "admin/events/eventschema/versions.html", context)

    def _restore(self, request: HttpRequest, shown: EventSchema) -> HttpResponse:
        version = request.POST.get("version", "")
        earlier = get_object_or_404(
            EventSchema, type=shown.type, version=int(version) if version.isdecimal() else 0
        )
        saved = save_schema(
            type=shown.type,
            schema=earlier.schema,
            note=f"As in version {earlier.version}.",
            by=request.user.get_username(),
            now=timezone.now(),
        )
        self.log_change(request, saved, f"As in version {earlier.version} again.")
        messages.success(request, f"{saved} is in force.")
        return HttpResponseRedirect(reverse("admin:events_eventschema_changelist"))

    def _say_what_it_would_refuse(self, request: HttpRequest, saved: EventSchema) -> None:
        wrong, tried = objections_lately(type=saved.type, check=compile_schema(saved.schema))
        if wrong:
            said = f"Of the latest {tried} events of this type, {wrong} would now be refused."
            messages.warning(request, said)
