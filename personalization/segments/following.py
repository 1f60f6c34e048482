"""What follows when somebody enters or leaves a segment, for its own page.

`settings.CONSEQUENCES` lists who knows, as dotted paths of functions that take `segment` and `user`
and return consequences: this room may not import those above it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.utils.module_loading import import_string

from personalization.segments.models import Segment


@dataclass(frozen=True, slots=True)
class Consequence:
    """Something that follows, set up at `url`; `held` says why it does not act."""

    said: str
    url: str
    held: str = ""


@dataclass(frozen=True, slots=True)
class Consequences:
    """What follows of one kind, and where another is added; None for who may not."""

    title: str
    found: Sequence[Consequence]
    add_label: str = ""
    add_url: str | None = None


Know = Callable[..., Sequence[Consequences]]


def what_follows(*, segment: Segment, user: AbstractUser | AnonymousUser) -> list[Consequences]:
    """Return what this person may see of what follows."""
    knowing: list[Know] = [import_string(path) for path in settings.CONSEQUENCES]
    return [one for know in knowing for one in know(segment=segment, user=user)]
