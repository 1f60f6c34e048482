"""Purposes, notices and choices in the admin; what proves something is read-only."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from consent.admin.reading import ReadOnlyAdmin
from consent.models import Consent, ConsentRecord, Notice, Privilege, Suppression


@admin.register(Privilege)
class PrivilegeAdmin(ModelAdmin):
    """What visitors are asked; the texts are a privacy officer's."""

    list_display = ("name", "key", "description")
    search_fields = ("name", "key", "description")
    fields = ("key", "name", "description")

    def get_readonly_fields(
        self, request: HttpRequest, obj: Privilege | None = None
    ) -> tuple[str, ...]:
        """Keep the key by which enforcement knows a purpose."""
        return ("key",) if obj else ()


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    """What visitors were told; a new version is added, an old one never changed."""

    list_display = ("version", "locale", "published_at", "sha256")
    fields = ("version", "locale", "text")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let those add who may."""
        return bool(request.user.has_perm("consent.add_notice"))

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Suggest the next version, with the text that is shown now."""
        latest = Notice.objects.first()
        return {"version": latest.version + 1, "text": latest.text} if latest else {"version": 1}


@admin.register(Consent)
class ConsentAdmin(ReadOnlyAdmin):
    """What accounts agree to now; they change it themselves, and an officer may withdraw it."""

    list_display = ("user", "privilege", "granted_on", "revoked_on")
    list_filter = ("privilege", "revoked")
    list_select_related = ("user", "privilege")
    search_fields = ("user__username",)
    fields = ("user", "privilege", "granted_on", "revoked_on")
    actions = ("withdraw",)

    @admin.action(description="Withdraw, at the person's request", permissions=["withdraw"])
    def withdraw(self, request: HttpRequest, consents: QuerySet[Consent]) -> None:
        """Withdraw the chosen consents and record it."""
        for consent in consents.select_related("user", "privilege"):
            Consent.objects.revoke_consent(consent.user, [consent.privilege])
        self.message_user(request, f"{len(consents)} withdrawn. It counts at once.")

    def has_withdraw_permission(self, request: HttpRequest) -> bool:
        """Ask for the right to change consents, though the form shows them read-only."""
        return bool(request.user.has_perm("consent.change_consent"))


@admin.register(ConsentRecord)
class ConsentRecordAdmin(ReadOnlyAdmin):
    """The proof of every choice."""

    list_display = ("recorded_at", "subject", "purpose", "state", "mechanism", "notice_version")
    list_filter = ("state", "purpose", "mechanism", "notice_version")
    date_hierarchy = "recorded_at"
    search_fields = ("pseudonym__startswith",)
    fields = (
        "recorded_at",
        "pseudonym",
        "purpose",
        "state",
        "mechanism",
        "jurisdiction",
        "notice_version",
        "notice_locale",
        "notice_hash",
        "ip",
        "user_agent",
    )

    @admin.display(description="subject")
    def subject(self, record: ConsentRecord) -> str:
        """Show enough to tell subjects apart."""
        return f"{record.pseudonym[:8]}…"


@admin.register(Suppression)
class SuppressionAdmin(ReadOnlyAdmin):
    """Who was erased and must not come back through an import."""

    list_display = ("pseudonym", "erased_at")
    date_hierarchy = "erased_at"
    fields = ("pseudonym", "erased_at")
