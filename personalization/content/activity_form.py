"""The form of an activity, without its variations."""

from typing import Any, Final

from personalization.content.describing import describe_activity
from personalization.content.models import Activity
from personalization.segments.meanwhile import SeenForm

BELOW: Final = "Its variations are below, as you typed them."


class ActivityForm(SeenForm[Activity]):
    """An activity that somebody else may save, too, with its variations."""

    def saved_state(self) -> Any:
        """Return what is published of it, variations included."""
        return self.instance.definition()

    def sentences(self, *, is_typed: bool) -> list[str]:
        """Return it in sentences; variations that were typed are not read yet."""
        one, definition = self.instance, self.instance.definition()
        document = {"placements": {one.placement.key: one.placement.definition()}}
        names = {one.segment.key: one.segment.name} if one.segment else {}
        if is_typed:
            return [*describe_activity({**definition, "variations": []}, document, names), BELOW]
        return describe_activity(definition, document, names)
