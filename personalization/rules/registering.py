"""Words that a storefront adds to the rule language: facts and operators of its own.

`settings.SEGMENT_FACTS` and `settings.SEGMENT_OPERATORS` list classes by their dotted paths, made
known when the process starts. Each goes into the same tables as the words of this room.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final

from personalization.rules.choices import OPERATOR_CHOICES, OWN_CHOICES
from personalization.rules.comparing import WRITTEN, Written
from personalization.rules.comparing_sql import COMPARE_SQL
from personalization.rules.reading import READ, Actual, Comparable, Known
from personalization.rules.reading_sql import READ_SQL
from personalization.rules.sentences import SUBJECTS
from personalization.rules.sql import Reading, Sql
from personalization.rules.tree import Value
from personalization.rules.vocabulary import (
    AMOUNTS_ONLY,
    OPERATORS_OF,
    PARAMETERS,
    TEXTS_ONLY,
    VALUE_KINDS,
)
from personalization.rules.wording import PHRASES, phrase

# Written for what profiles hold as JSON, where a number is a decimal.
OWN_OPERATORS: Final[set[str]] = set()


class OwnFact(ABC):
    """A fact of a storefront's own; it takes no parameters.

    `label` is its name in the form and in sentences, `operators` are keys of VALUE_KINDS.
    `is_amount` says that it is only ever a number, `is_text` that it is only ever a text.
    """

    key: ClassVar[str]
    label: ClassVar[str]
    operators: ClassVar[Sequence[str]]
    is_amount: ClassVar[bool] = False
    is_text: ClassVar[bool] = False

    @abstractmethod
    def read(self, known: Known) -> Actual:
        """Return the value for one visitor; None where it is missing. Must not raise."""

    @abstractmethod
    def sql(self, now: datetime) -> Reading:
        """Return the same as SQL over a profile's row, and over nothing else.

        The census keeps what is the same from midnight to midnight (UTC) in a column of its own.
        """

    def sentence(self, operator: str, value: Value) -> str:
        """Return a condition on it in English."""
        return f"{self.label.lower()} {phrase(operator, value)}"


class OwnOperator(ABC):
    """An operator of a storefront's own; `facts` are the kinds of fact it fits.

    `phrase` is how it reads after a fact, with {} for its value; `value_kind` is a key of VALUES.
    """

    key: ClassVar[str]
    label: ClassVar[str]
    phrase: ClassVar[str]
    value_kind: ClassVar[str]
    facts: ClassVar[Sequence[str]]

    @abstractmethod
    def test(self, value: Any) -> Callable[[Comparable], bool]:
        """Return what tells of a fact whether it passes; a missing one, None, must not."""

    @abstractmethod
    def sql(self, reading: Reading, value: Any, now: datetime) -> Sql:
        """Return the same as SQL, which answers true or false and never NULL."""


def register_fact(fact: OwnFact) -> None:
    """Make a fact known to the rule language; raises ValueError where its key is taken."""
    key = _free(fact.key, PARAMETERS)
    PARAMETERS[key] = ()
    OPERATORS_OF[key] = tuple(fact.operators)
    READ[key] = lambda _: fact.read
    READ_SQL[key] = lambda _, now: fact.sql(now)
    SUBJECTS[key] = lambda _, operator, value: fact.sentence(operator, value)
    OWN_CHOICES.append((key, fact.label))
    if fact.is_amount:
        AMOUNTS_ONLY.add(key)
    if fact.is_text:
        TEXTS_ONLY[key] = None


def register_operator(operator: OwnOperator) -> None:
    """Make an operator known to the rule language; raises ValueError where its key is taken."""
    key = _free(operator.key, VALUE_KINDS)
    VALUE_KINDS[key] = operator.value_kind
    WRITTEN[key] = Written(
        "plain", "{test}({fact})", lambda value: {"test": _answering(operator.test(value))}
    )
    COMPARE_SQL[key] = operator.sql
    PHRASES[key] = operator.phrase
    OWN_OPERATORS.add(key)
    OPERATOR_CHOICES.append((key, operator.label))
    for kind in operator.facts:
        OPERATORS_OF[kind] = (*OPERATORS_OF[kind], key)


def forget_fact(key: str) -> None:
    """Take a fact out again."""
    for table in (PARAMETERS, OPERATORS_OF, READ, READ_SQL, SUBJECTS):
        del table[key]
    OWN_CHOICES[:] = [one for one in OWN_CHOICES if one[0] != key]
    AMOUNTS_ONLY.discard(key)
    TEXTS_ONLY.pop(key, None)


def forget_operator(key: str) -> None:
    """Take an operator out again."""
    for table in (VALUE_KINDS, WRITTEN, COMPARE_SQL, PHRASES):
        del table[key]
    OWN_OPERATORS.discard(key)
    OPERATOR_CHOICES[:] = [one for one in OPERATOR_CHOICES if one[0] != key]
    for kind, fitting in OPERATORS_OF.items():
        OPERATORS_OF[kind] = tuple(one for one in fitting if one != key)


def _free(key: str, table: dict[str, Any]) -> str:
    if key in table:
        raise ValueError(f"The rule language has a word “{key}” already.")
    return key


def _answering(test: Callable[[Comparable], bool]) -> Callable[[Comparable], bool]:
    return lambda actual: actual is not None and bool(test(actual))
