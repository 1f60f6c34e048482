"""What a question may ask for, and which answers it takes."""

import re
from collections.abc import Mapping
from typing import Any, Final

from django.core.exceptions import ValidationError

from personalization.vault.naming import canonical

TRAIT: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
LONGEST_ANSWER: Final = 80
MOST_ANSWERS: Final = 12


class AnswerRefused(ValueError):
    """The answer is none of those that the question takes."""


def check_askable(trait: str) -> None:
    """Refuse what is no trait, or says directly who somebody is."""
    if not TRAIT.fullmatch(trait):
        raise ValidationError("Use small letters, digits and underscores, such as shoe_size.")
    if canonical(trait):
        raise ValidationError(
            "This says who somebody is. Rules cannot see whether it is known, so the question would"
            " come again and again; ask for it in a form of the shop."
        )


def check_answers(text: str) -> None:
    """Refuse more or longer answers than fit on a page."""
    found = answers_of(text)
    if len(found) > MOST_ANSWERS:
        raise ValidationError(f"At most {MOST_ANSWERS} answers.")
    if any(len(answer) > LONGEST_ANSWER for answer in found):
        raise ValidationError(f"At most {LONGEST_ANSWER} characters for each answer.")


def answers_of(text: str) -> list[str]:
    """Return the answers to choose from, one of each; empty: visitors write."""
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def read_answer(stated: str, *, content: Mapping[str, Any]) -> str:
    """Return the answer to a question's content; raises AnswerRefused."""
    answer = stated.strip()
    offered = answers_of(content["answers"])
    if offered and answer not in offered:
        raise AnswerRefused("Choose one of the answers.")
    if not 0 < len(answer) <= LONGEST_ANSWER:
        raise AnswerRefused(f"Write 1 to {LONGEST_ANSWER} characters.")
    return answer
