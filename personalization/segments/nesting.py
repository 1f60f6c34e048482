"""The rows of the rule form, each with those in it, and where each stands in the rule."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from personalization.segments.condition_form import ConditionForm
from personalization.segments.rows import parents


@dataclass(slots=True)
class Branch:
    """A row with those in it; `label` is its number as people count, such as 2.1."""

    form: ConditionForm
    label: str = ""
    members: list["Branch"] = field(default_factory=list)

    @property
    def complaints(self) -> list[str]:
        """What is wrong with its fields, each behind the name of the field."""
        form = self.form
        return [
            f"{form.fields[name].label}: {message}"
            for name, messages in form.errors.items()
            for message in messages
        ]


def nested(rows: Sequence[ConditionForm]) -> list[Branch]:
    """Return the rows that are in no group, each with those in it."""
    branches = [Branch(row) for row in rows]
    top: list[Branch] = []
    for branch, parent in zip(branches, parents([row.typed() for row in rows]), strict=True):
        siblings = top if parent is None else branches[parent].members
        before = "" if parent is None else f"{branches[parent].label}."
        siblings.append(branch)
        branch.label = f"{before}{len(siblings)}"
    return top


def below(branches: Sequence[Branch]) -> Iterator[Branch]:
    """Yield all rows, in the order of the rule."""
    for branch in branches:
        yield branch
        yield from below(branch.members)


def placed(
    branches: Sequence[Branch], *, match: str, within: str = ""
) -> Iterator[tuple[str, ConditionForm]]:
    """Yield each row that states something with its place in the rule, such as `all[1].any[0]`."""
    number = 0
    for branch in _finished(branches):
        place = f"{within}{match}[{number}]"
        inner = list(placed(branch.members, match=branch.form.match, within=f"{place}."))
        if inner or branch.form.is_filled:
            yield place, branch.form
            yield from inner
            number += 1


def rule_of(branches: Sequence[Branch], *, match: str) -> dict[str, Any]:
    """Return what the rows without errors state; groups without conditions are left out."""
    members = []
    for branch in _finished(branches):
        if branch.form.is_filled:
            members.append(branch.form.cleaned_data["condition"])
        inner = rule_of(branch.members, match=branch.form.match) if branch.members else {}
        if inner and inner[branch.form.match]:
            members.append(inner)
    return {match: members}


def _finished(branches: Sequence[Branch]) -> Iterator[Branch]:
    return (branch for branch in branches if not branch.form.errors)
