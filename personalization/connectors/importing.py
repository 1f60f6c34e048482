"""Take people in from rows, whatever source they came from."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import blake2b
from itertools import islice
from typing import Any, Final

from catalog.feed_lines import FeedLine
from personalization.connectors.mapping import SourceMapping
from personalization.connectors.missing import Sought, with_its_columns
from personalization.connectors.stating_rows import RowRefused, state_row
from personalization.events.accepted import key_of
from personalization.events.models import SeenMessage
from personalization.events.tracking import Refusal
from personalization.profiles.models import ProfileIdentifier
from personalization.profiles.stating import Statement, check_statements, take_in_statements

BATCH: Final = 500
REFUSALS_KEPT: Final = 20
SAMPLE_KEPT: Final = 3
REMEMBERED: Final = 200_000


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that was not taken: where it stands, which field, and why."""

    line: int
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Sampled:
    """What one row would say, as the mapping reads it."""

    line: int
    identifiers: Mapping[str, str]
    traits: Mapping[str, Any]
    consent: Mapping[str, bool]
    type: str
    properties: Mapping[str, Any]


@dataclass(slots=True)
class ImportedProfiles:
    """What became of the rows so far; `reasons` counts all refusals, `refused` shows the first.

    `created`: of people of whom nothing was known; `unchanged`: said before, word for word;
    `absent`: what the mapping asks for and no row had.
    """

    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    refused: list[RefusedRow] = field(default_factory=list)
    sample: list[Sampled] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)

    @property
    def refusals(self) -> int:
        """How many rows were refused."""
        return self.reasons.total()

    def refuse(self, line: int, name: str, message: str) -> None:
        """Count a refusal."""
        self.reasons[f"{name}: {message}" if name else message] += 1
        if len(self.refused) < REFUSALS_KEPT:
            self.refused.append(RefusedRow(line, name, message))

    def show(self, line: int, said: Statement) -> None:
        """Keep the row as an example, if it is among the first."""
        if len(self.sample) < SAMPLE_KEPT:
            self.sample.append(
                Sampled(
                    line, said.identifiers, said.traits, said.choices, said.type, said.properties
                )
            )


@dataclass(frozen=True, slots=True)
class Taking:
    """How rows are taken in. `dry`: say what would happen, and keep nothing.

    `delivery`: what names the rows together with their number; empty: their content does.
    """

    mapping: SourceMapping
    vouched: frozenset[str]
    dry: bool = False
    delivery: str = ""

    def state(self, line: FeedLine, *, now: datetime) -> Statement:
        """Return what a row says; raises RowRefused."""
        said = state_row(line.stated, self.mapping, now=now)
        if not self.delivery:
            return said
        digest = blake2b(self.delivery.encode(), digest_size=16).hexdigest()
        return replace(said, message_id=f"{self.mapping.source}:{digest}:{line.number}")


def import_profiles(
    lines: Iterable[FeedLine],
    *,
    taking: Taking,
    clock: Callable[[], datetime],
    progress: Callable[[ImportedProfiles], None] = lambda _: None,
    done: ImportedProfiles | None = None,
) -> ImportedProfiles:
    """Take people in, and say what became of each row that was not accepted.

    Memory stays bounded; a bad row is refused and the rest goes on. Doing it twice changes
    nothing, as each row is a message of its own. `done`: counts to go on with. Raises
    StreamUnavailable; MappingError, before anything is kept, for columns that a file has not.
    """
    done = done or ImportedProfiles()
    sought = Sought(taking.mapping)
    newcomers = Newcomers()
    rows = iter(with_its_columns(lines, taking.mapping))
    while batch := list(islice(rows, BATCH)):
        now = clock()
        sought.look_in_all(batch)
        said = list(_stated(batch, taking, done, now=now))
        _take_in(said, taking, done, newcomers, now=now)
        done.absent = sought.sentences
        progress(done)
    return done


class Newcomers:
    """Who came up in this import: stored they are only when the consumer gets to them.

    The oldest are forgotten; who comes again so late is stored by then.
    """

    def __init__(self) -> None:
        self._seen: dict[str, None] = {}

    def hold(self, pseudonyms: Iterable[str]) -> bool:
        """Return whether one of these came up."""
        return any(pseudonym in self._seen for pseudonym in pseudonyms)

    def add(self, pseudonyms: Iterable[str]) -> None:
        """Remember them."""
        self._seen.update(dict.fromkeys(pseudonyms))
        for oldest in list(islice(self._seen, max(0, len(self._seen) - REMEMBERED))):
            del self._seen[oldest]


def _stated(
    batch: Sequence[FeedLine], taking: Taking, done: ImportedProfiles, *, now: datetime
) -> Iterator[tuple[int, Statement]]:
    for line in batch:
        done.read += 1
        if line.problem:
            done.refuse(line.number, "", f"The line {line.problem}.")
            continue
        try:
            yield line.number, taking.state(line, now=now)
        except RowRefused as refused:
            done.refuse(line.number, refused.column, refused.message)


def _take_in(
    said: Sequence[tuple[int, Statement]],
    taking: Taking,
    done: ImportedProfiles,
    newcomers: "Newcomers",
    *,
    now: datetime,
) -> None:
    known_messages = _known_messages(said)
    fresh = [one for one in said if one[1].message_id not in known_messages]
    done.unchanged += len(said) - len(fresh)
    known_people = _known_people(fresh)
    refused = {one.index for one in _refusals(fresh, taking, done, now=now)}
    for index, (line, statement) in enumerate(fresh):
        if index in refused:
            continue
        pseudonyms = statement.subject.pseudonyms
        is_known = newcomers.hold(pseudonyms) or not known_people.isdisjoint(pseudonyms)
        newcomers.add(pseudonyms)
        done.updated += is_known
        done.created += not is_known
        if taking.dry:
            done.show(line, statement)


def _refusals(
    fresh: Sequence[tuple[int, Statement]],
    taking: Taking,
    done: ImportedProfiles,
    *,
    now: datetime,
) -> Sequence[Refusal]:
    statements = [statement for _, statement in fresh]
    if taking.dry:
        refused = check_statements(statements, now=now, vouched=taking.vouched)
    else:
        refused = take_in_statements(
            statements,
            now=now,
            source=taking.mapping.door,
            vouched=taking.vouched,
            patient=True,
        ).refused
    for one in refused:
        done.refuse(fresh[one.index][0], one.field, one.message)
    return refused


def _known_messages(said: Sequence[tuple[int, Statement]]) -> set[str]:
    keys = {key_of(statement.message_id): statement.message_id for _, statement in said}
    seen = SeenMessage.objects.filter(pk__in=keys).values_list("pk", flat=True)
    return {keys[key.hex] for key in seen}


def _known_people(said: Sequence[tuple[int, Statement]]) -> set[str]:
    pseudonyms = {name for _, statement in said for name in statement.subject.pseudonyms}
    known = ProfileIdentifier.objects.filter(pseudonym__in=pseudonyms)
    return set(known.values_list("pseudonym", flat=True))
