"""By what the list of segments is narrowed down."""

from typing import Any, Final

from django.contrib.admin import SimpleListFilter
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import HttpRequest

from personalization.segments.models import Segment
from personalization.segments.states import STATES, in_state
from personalization.segments.using import in_use

NOBODY: Final = "nobody"


class StateFilter(SimpleListFilter):
    """How what is saved stands to what is live."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer every state."""
        return [(state, state.capitalize()) for state in STATES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the segments of the state that was chosen."""
        state = self.value()
        return in_state(queryset, state) if state in STATES else queryset


class UseFilter(SimpleListFilter):
    """Whether anything is made for a segment, or of it."""

    title = "use"
    parameter_name = "used"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer both."""
        return [("yes", "Used"), ("no", "Not used")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep those that were asked for."""
        value = self.value()
        return in_use(queryset, is_used=value == "yes") if value in ("yes", "no") else queryset


class OwnerFilter(SimpleListFilter):
    """Who made a segment; nobody made what came over REST or with the demo."""

    title = "owner"
    parameter_name = "owner"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer everybody who made one, whoever looks first."""
        made = Segment.objects.filter(created_by__isnull=False).order_by().values("created_by")
        users = get_user_model().objects.filter(pk__in=made).order_by("username")
        me = request.user.pk
        offered = [(str(one.pk), one.get_username()) for one in users]
        offered.sort(key=lambda one: one[0] != str(me))
        return [*offered, (NOBODY, "Nobody in the admin")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep those of the one that was chosen."""
        value = self.value()
        if value == NOBODY:
            return queryset.filter(created_by__isnull=True)
        return queryset.filter(created_by=int(value)) if value and value.isdecimal() else queryset
