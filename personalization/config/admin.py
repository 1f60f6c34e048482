"""People who work here, in the admin's own look."""

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from consent.admin.reading import ReadOnlyAdmin

admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(DjangoUserAdmin[User], ModelAdmin):
    """Logins; roles are groups."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    """Roles; their permissions are written by `roles.py` after every migration."""


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnlyAdmin):
    """Who changed what in this admin, the latest first."""

    list_display = ("action_time", "user", "content_type", "object_repr", "said")
    list_filter = ("action_flag", "content_type", "action_time")
    list_select_related = ("user", "content_type")
    search_fields = ("=user__username", "object_repr")
    fields = ("action_time", "user", "content_type", "object_repr", "said")
    readonly_fields = fields

    @admin.display(description="what")
    def said(self, entry: LogEntry) -> str:
        """Say it in words."""
        return entry.get_change_message() or entry.get_action_flag_display()
