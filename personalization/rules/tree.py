"""A rule as frozen values, and the refusal of what is none."""

from collections.abc import Iterator
from dataclasses import dataclass

Scalar = str | int | float | bool
Value = Scalar | tuple[Scalar, ...] | None


class RuleError(Exception):
    """The rule is refused; `field_path` is a place such as `all[1].value`."""

    def __init__(self, field_path: str, message: str) -> None:
        super().__init__(f"{field_path}: {message}" if field_path else message)
        self.field_path = field_path
        self.message = message


@dataclass(frozen=True, slots=True)
class Fact:
    """Something a rule reads; `name` is an event type, a trait or a part of the context.

    `of` is what is counted once each; `then`, `then_category` and `minutes` are the second step
    of a sequence and the time it has.
    """

    kind: str
    name: str
    category: str | None = None
    days: int | None = None
    of: str | None = None
    then: str | None = None
    then_category: str | None = None
    minutes: int | None = None

    @property
    def is_context(self) -> bool:
        """Whether only a visit can tell."""
        return self.kind == "context"

    @property
    def is_of_profile(self) -> bool:
        """Whether a visitor must be recognised for it; what was agreed to is always honoured."""
        return self.kind not in ("context", "consent")


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison of a fact with a value; `value` is None where the operator asks for none."""

    fact: Fact
    operator: str
    value: Value


@dataclass(frozen=True, slots=True)
class Group:
    """Members of which all, any or none must hold; `segment` is whose rule was put in here."""

    match: str
    members: "tuple[Condition | Group, ...]"
    segment: str | None = None

    def conditions(self) -> Iterator[Condition]:
        """Yield every condition, however deep."""
        for member in self.members:
            if isinstance(member, Group):
                yield from member.conditions()
            else:
                yield member


Rule = Group
