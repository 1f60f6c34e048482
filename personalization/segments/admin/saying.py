"""The rules of listed segments, as sentences."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.views import ChangeList

from personalization.segments.calling import SavedNames
from personalization.segments.differing import describe_segment


class ListOfNames(ChangeList):
    """A list that reads once what all the segments its rows name are called."""

    def get_results(self, request: HttpRequest) -> None:
        """Give every row the same names."""
        super().get_results(request)
        names = SavedNames()
        for row in self.result_list:
            row.names = names


class SaysRules(ModelAdmin):
    """Adds the sentence to a list; name it among its `list_display`."""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Return a list whose rows know what segments are called."""
        return ListOfNames

    @admin.display(description="who")
    def sentence(self, segment: Any) -> str:
        """Say the rule."""
        return describe_segment(segment.definition(), {}, segment.names)[-1]
