"""The form of a segment that is written as a rule."""

from typing import Any, Final

from unfold.widgets import UnfoldAdminTextareaWidget

from personalization.segments.forms import RuleBuilder
from personalization.segments.meanwhile import SeenSegmentForm
from personalization.segments.models import Segment, saved_rule
from personalization.segments.ruling_out import why_nobody

ARRANGED: Final = "Nothing is saved yet. Your conditions are below as you arranged them."


class SegmentForm(SeenSegmentForm):
    """A segment's names, with its rule checked beside them."""

    builder: RuleBuilder
    # Why nobody can be in it, where publishing it was not confirmed.
    nobody: str = ""

    class Meta:
        model = Segment
        fields = ("name", "description")
        widgets = {"description": UnfoldAdminTextareaWidget({"rows": 2})}

    def clean(self) -> dict[str, Any] | None:
        """Take over the rule, or refuse the form."""
        if self.builder.is_arranged:
            self.add_error(None, self.builder.notice or ARRANGED)
            return self.cleaned_data
        raw = self.builder.raw_rule()
        if raw is None:
            self.add_error(None, "The conditions are not complete. Look below.")
        else:
            self.instance.rule = raw
            self._ask_for_confirmation()
        return self.cleaned_data

    def _ask_for_confirmation(self) -> None:
        rule, key, names = self.instance.parsed_rule, self.instance.key, self.builder.names
        reason = why_nobody(rule, resolve=saved_rule, key=key, names=names)
        if reason and "_publish" in self.data and not self.data.get("insists"):
            self.nobody = reason
            self.add_error(None, f"Not published: nobody can be in it, {reason}. Look below.")
