"""Read what partners send, naming every field that is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from rest_framework.exceptions import ValidationError

from consent.models import Privilege
from consent.models.requests import REGULATIONS, TYPES
from consent.purposes import NECESSARY, OPTIONAL
from consent.subjects import NoIdentifier, Subject

IDENTIFIERS: Final = ("user_id", "anonymous_id", "email")
MAX_LENGTH: Final = 256
MAX_JURISDICTION: Final = 16


@dataclass(frozen=True, slots=True)
class AskedRequest:
    """A privacy request as a partner states it."""

    type: str
    subject: Subject
    regulation: str

    @classmethod
    def parse(cls, data: Any) -> "AskedRequest":
        """Return what is asked; raises ValidationError naming the field."""
        data = _object(data, allowed=("type", "regulation", *IDENTIFIERS))
        return cls(
            type=_one_of(data, "type", TYPES),
            subject=read_subject(data),
            regulation=_one_of({"regulation": "gdpr", **data}, "regulation", REGULATIONS),
        )


@dataclass(frozen=True, slots=True)
class AskedChoices:
    """Choices that a partner has obtained."""

    subject: Subject
    choices: dict[str, bool]
    jurisdiction: str

    @classmethod
    def parse(cls, data: Any) -> "AskedChoices":
        """Return what is stated; raises ValidationError naming the field."""
        data = _object(data, allowed=("choices", "jurisdiction", *IDENTIFIERS))
        return cls(
            subject=read_subject(data),
            choices=_choices(data.get("choices")),
            jurisdiction=_text(data, "jurisdiction", longest=MAX_JURISDICTION)
            if "jurisdiction" in data
            else "",
        )


def read_query(params: Mapping[str, str]) -> Subject:
    """Return who is meant in an address; a key may stand there too, as everywhere."""
    stated = {name: value for name, value in params.items() if name != "key"}
    return read_subject(_object(stated, allowed=IDENTIFIERS))


def read_subject(data: Mapping[str, Any]) -> Subject:
    """Return who is meant; exactly one identifier, so that nobody else is touched by mistake."""
    stated = [name for name in IDENTIFIERS if name in data]
    if len(stated) != 1:
        field = stated[-1] if stated else "user_id"
        raise ValidationError({field: [f"Give exactly one of {', '.join(IDENTIFIERS)}."]})
    try:
        return Subject.of(**{stated[0]: _text(data, stated[0], longest=MAX_LENGTH)})
    except NoIdentifier as error:
        raise ValidationError({stated[0]: [str(error)]}) from error


def _object(data: Any, *, allowed: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise ValidationError("The body must be a JSON object.")
    if unknown := sorted(set(data) - set(allowed)):
        message = f"There is no such field. Use: {', '.join(allowed)}."
        raise ValidationError({name: [message] for name in unknown})
    return data


def _one_of(data: Mapping[str, Any], field: str, known: Mapping[str, str]) -> str:
    stated = data.get(field)
    if not isinstance(stated, str) or stated not in known:
        raise ValidationError({field: [f"Use one of: {', '.join(known)}."]})
    return stated


def _text(data: Mapping[str, Any], field: str, *, longest: int) -> str:
    stated = data[field]
    if not isinstance(stated, str) or not stated.strip() or len(stated) > longest:
        raise ValidationError({field: [f"Give a text of 1 to {longest} characters."]})
    if "\x00" in stated:
        raise ValidationError({field: ["A NUL byte is not text."]})
    return stated


def _choices(stated: Any) -> dict[str, bool]:
    if not isinstance(stated, Mapping) or not stated:
        message = 'Give at least one purpose, such as {"analytics": true}.'
        raise ValidationError({"choices": [message]})
    known = {*OPTIONAL, *Privilege.objects.values_list("key", flat=True)} - {NECESSARY}
    problems = {
        purpose: ["Say true or false."] if purpose in known else [_no_such(known)]
        for purpose, answer in stated.items()
        if purpose not in known or not isinstance(answer, bool)
    }
    if problems:
        raise ValidationError({"choices": problems})
    return dict(stated)


def _no_such(known: set[str]) -> str:
    return f"There is no choice for this purpose. Use: {', '.join(sorted(known))}."
