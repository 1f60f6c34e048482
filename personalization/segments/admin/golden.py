"""Golden visitors in the admin."""

from collections.abc import Iterator

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin

from personalization.profiles.facts import count_within
from personalization.rules.sentences import event_noun, shown
from personalization.segments.golden import unjudged
from personalization.segments.golden_forms import GoldenVisitorForm
from personalization.segments.models import GoldenVisitor, Segment


@admin.register(GoldenVisitor)
class GoldenVisitorAdmin(ModelAdmin):
    """Whom publishing is held against; made on the page that says why."""

    form = GoldenVisitorForm
    list_display = ("name", "members", "strangers", "frozen_at")
    search_fields = ("name",)
    fields = ("name", "belongs_to", "stays_out_of", "left_open", "frozen_at", "known")
    readonly_fields = ("left_open", "frozen_at", "known")
    autocomplete_fields = ("belongs_to", "stays_out_of")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Send people to “Why / why not”, where a profile is at hand."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[GoldenVisitor]:
        """Fetch the expectations with the visitors."""
        found: QuerySet[GoldenVisitor] = super().get_queryset(request)
        return found.prefetch_related("belongs_to", "stays_out_of")

    @admin.display(description="belongs to", empty_value="-")
    def members(self, golden: GoldenVisitor) -> str | None:
        """Name the segments."""
        return _names(golden.belongs_to.all())

    @admin.display(description="stays out of", empty_value="-")
    def strangers(self, golden: GoldenVisitor) -> str | None:
        """Name the segments."""
        return _names(golden.stays_out_of.all())

    @admin.display(description="cannot be judged", empty_value="-")
    def left_open(self, golden: GoldenVisitor) -> str | None:
        """Name the segments whose expectation stops nothing, as too little is kept to tell."""
        return ", ".join(str(one) for one in unjudged(golden)) or None

    @admin.display(description="what is kept of this visitor")
    def known(self, golden: GoldenVisitor) -> SafeString:
        """Sum up what is kept."""
        return format_html(
            "<table>{}</table>",
            format_html_join(
                "",
                '<tr><th class="pr-4 text-left" scope="row">{}</th><td>{}</td></tr>',
                _kept(golden),
            ),
        )


def _kept(golden: GoldenVisitor) -> Iterator[tuple[str, str]]:
    facts = golden.facts
    yield from ((name, str(value)) for name, value in facts["traits"].items())
    scores = facts.get("scores", {})
    yield from ((f"score {name}", shown(value)) for name, value in scores.items())
    if facts.get("persona"):
        yield "persona", facts["persona"]
    if acts := facts.get("recent"):
        yield "latest acts", f"{len(acts)}, without items, in whole minutes"
    for event, days in facts["counts"].items():
        lately = count_within(days, window=30, now=golden.frozen_at)
        worth = sum(facts["sums"].get(event, {}).values())
        amount = f", worth {shown(round(float(worth), 2))}" if worth else ""
        number = sum(days.values())
        yield event_noun(event), f"{lately} in the 30 days before, {number} in all{amount}"
    yield from ((f"visit: {name}", str(value)) for name, value in golden.context.items())


def _names(segments: "QuerySet[Segment]") -> str | None:
    return ", ".join(str(one) for one in segments) or None
