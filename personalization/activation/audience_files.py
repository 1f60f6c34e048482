"""One batch of an audience, as a request to a webhook or as a file of comma-separated values."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from personalization.activation.confiding import secret_of
from personalization.activation.models import Audience, AudienceRun, Destination
from personalization.activation.telling import Outcome, put_file, tell

# How many people one request or one file names.
AT_ONCE: Final[Mapping[str, int]] = {
    Destination.Kind.WEBHOOK: 1_000,
    Destination.Kind.BUCKET: 50_000,
}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is added to an audience or taken out of it."""

    profile_id: int
    identifiers: Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class Part:
    """What one request says: `change` is "members", "added" or "removed"."""

    change: str
    number: int
    people: Sequence[Person]


def send_part(audience: Audience, run: AudienceRun, part: Part, *, now: datetime) -> Outcome:
    """Send one part; the same part again has the same id, or replaces the file."""
    return SEND[audience.destination.kind](audience, run, part, now)


def _request(audience: Audience, run: AudienceRun, part: Part, now: datetime) -> Outcome:
    people = [
        {"profile": one.profile_id, "identifiers": dict(one.identifiers)} for one in part.people
    ]
    data = {
        "audience": audience.name,
        "segment": audience.segment.key,
        "run": run.pk,
        "part": part.number,
        part.change: people,
    }
    body = {"type": f"audience.{part.change}", "timestamp": now.isoformat(), "data": data}
    id = f"{audience.pk}-{run.pk}-{part.change}-{part.number}"
    return tell(audience.destination, id=id, body=body, now=now)


def _file(audience: Audience, run: AudienceRun, part: Part, now: datetime) -> Outcome:
    destination = audience.destination
    began = f"{run.started_at:%Y-%m-%dT%H%M%S}-{run.pk}"
    name = f"{audience.segment.key}-{audience.pk}/{began}/{part.change}-{part.number:04}.csv"
    data = _csv(part.people, kinds=destination.identifier_kinds)
    return put_file(destination, name=name, data=data, secret=secret_of(destination))


def _csv(people: Sequence[Person], *, kinds: Sequence[str]) -> bytes:
    lines = io.StringIO()
    writer = csv.writer(lines)
    writer.writerow(["profile", *kinds])
    for one in people:
        # Pseudonyms are hexadecimal digits, so several fit into a cell and none is a formula.
        names = (" ".join(one.identifiers.get(kind, ())) for kind in kinds)
        writer.writerow([one.profile_id, *names])
    return lines.getvalue().encode()


SEND: Final[Mapping[str, Callable[[Audience, AudienceRun, Part, datetime], Outcome]]] = {
    Destination.Kind.WEBHOOK: _request,
    Destination.Kind.BUCKET: _file,
}
