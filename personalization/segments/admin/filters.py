"""By what the list of segments is narrowed down."""

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest

from personalization.segments.states import STATES, in_state


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
