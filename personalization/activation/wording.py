"""What somebody stated of what follows a segment, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Field, ManyToManyField, Model

NOTHING: Final = "-"
GONE: Final = "one that is deleted"
ONE: Final = "one"
OTHER: Final = "another one"


@dataclass(frozen=True, slots=True)
class Difference:
    """What is called `label` as it was and as it is."""

    label: str
    before: str
    after: str


def differences(
    model: type[Model], before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[Difference]:
    """Return what differs to a reader between two statements, in the order of the later one."""
    fields = {_name(one): one for one in (*model._meta.concrete_fields, *model._meta.many_to_many)}
    differing = [name for name in after if before.get(name) != after[name]]
    found = (_difference(name, fields.get(name), before, after) for name in differing)
    return [one for one in found if one.before != one.after]


def _difference(
    name: str, field: Any, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Difference:
    if field is None:  # known by a digest only
        return Difference(name, ONE, OTHER) if name in before else Difference(name, NOTHING, ONE)
    return Difference(str(field.verbose_name), _say(field, before), _say(field, after))


def _name(field: Any) -> str:
    return str(field.name if isinstance(field, ManyToManyField) else field.attname)


def _say(field: "Field[Any, Any] | ManyToManyField[Any, Any]", stated: Mapping[str, Any]) -> str:
    value = stated.get(_name(field))
    if value in (None, "", []):
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if field.related_model:
        numbers = value if isinstance(value, list) else [value]
        found = field.related_model._default_manager.filter(pk__in=numbers)
        return ", ".join(str(one) for one in found) or GONE
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(dict(field.flatchoices).get(value, value))
