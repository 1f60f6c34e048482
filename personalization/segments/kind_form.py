"""What the forms of segments that are not written as a rule have in common."""

from collections.abc import Mapping
from typing import Any

from unfold.widgets import UnfoldAdminTextareaWidget

from personalization.rules.parsing import RuleError, parse_rule
from personalization.segments.calling import SavedNames
from personalization.segments.meanwhile import SeenSegmentForm
from personalization.segments.models import Kind, Segment, saved_rule
from personalization.segments.ruling_out import why_nobody


class KindForm(SeenSegmentForm):
    """A segment whose rule follows from a few fields; `extra` names them."""

    kind: Kind
    extra: tuple[str, ...] = ()

    class Meta:
        model = Segment
        fields = ("name", "description")
        widgets = {"description": UnfoldAdminTextareaWidget({"rows": 2})}

    # Why nobody can be in it, where that was not confirmed.
    nobody: str = ""

    def raw_rule(self) -> Mapping[str, Any] | None:
        """Return the rule that the fields state; None after adding errors where they belong."""
        raise NotImplementedError

    def clean(self) -> dict[str, Any] | None:
        """Take over the rule, or refuse the form."""
        if not self.errors:
            self.instance.kind = self.kind
            self._take_over(self.raw_rule())
        return self.cleaned_data

    def _take_over(self, raw: Mapping[str, Any] | None) -> None:
        if raw is None:
            return
        try:
            reason = why_nobody(
                parse_rule(raw),
                resolve=saved_rule,
                key=self.instance.key or "",
                names=SavedNames(),
            )
        except RuleError as error:
            self.add_error(None, error.message)
            return
        self.instance.rule = raw
        if reason and not self.data.get("insists"):
            self.nobody = reason
            self.add_error(self.extra[0], f"Nobody can be in it: {reason}.")
