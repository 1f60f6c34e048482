"""One page request: what is known of its visitor, read once, and all that was decided on it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from personalization.decisions.context import context_of
from personalization.decisions.deciding import Decision, decide, decide_list
from personalization.decisions.knowing import Knowledge, know
from personalization.decisions.visitors import Visitor


@dataclass
class Page:
    """The decisions of one page. Redis is read at the first, and not again."""

    request: HttpRequest
    visitor: Visitor
    decisions: list[Decision] = field(default_factory=list)

    @cached_property
    def now(self) -> datetime:
        """One moment for the whole page."""
        return timezone.now()

    @cached_property
    def knowledge(self) -> Knowledge:
        """What is known of the visitor."""
        return know(self.visitor)

    @cached_property
    def context(self) -> Mapping[str, Any]:
        """What is true of this request."""
        return context_of(self.request, now=self.now)

    def decide(self, placement: str) -> Decision:
        """Choose what this placement shows."""
        (decision,) = decide(
            placements=[placement],
            visitor=self.visitor,
            knowledge=self.knowledge,
            context=self.context,
            now=self.now,
        )
        self.decisions.append(decision)
        return decision

    def list_items(self, name: str, *, strategy: str, limit: int, item_id: str | None) -> Decision:
        """Choose the items of one list."""
        decision = decide_list(
            name=name,
            strategy=strategy,
            knowledge=self.knowledge,
            limit=limit,
            item_id=item_id,
            now=self.now,
        )
        self.decisions.append(decision)
        return decision
