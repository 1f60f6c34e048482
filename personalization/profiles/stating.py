"""What a system that knows people by name says of one of them, taken in as an event.

A CRM knows an address or a number of its own, not the browser. Consent is therefore asked for
under every identifier that it states: whoever refused, or was erased, under one of them stays out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import redis

from consent.checking import Choices, choices_of_many, suppressed_since_many
from consent.proving import MECHANISM_API, MECHANISM_VOUCHED
from consent.recording import record_choices, record_missing
from consent.subjects import Identifier, Subject
from personalization.events.keepable import EventRefused
from personalization.events.tracking import NO_CONSENT, Refusal, Tracked, track
from personalization.events.validating import SEALED_KINDS, validate
from personalization.identifiers.kinds import current_kinds
from personalization.streams.stream import StreamUnavailable
from personalization.vault.naming import personal_traits

IDENTIFY: Final = "identify"
ERASED: Final = "This person was erased under one of these identifiers, and is kept out."
# Identifiers that an event states as fields of their own.
FIELDS: Final[Mapping[str, str]] = {"user": "user_id", "anonymous": "anonymous_id"}
DOOR_FIELDS: Final[Mapping[str, str]] = {
    field_: f"identifiers.{kind}" for kind, field_ in FIELDS.items()
}


@dataclass(frozen=True, slots=True)
class Statement:
    """One person as a system states them; `identifiers` are of the kinds in force.

    `choices` are what the person chose there. `type` is "identify", or what else happened.
    """

    message_id: str
    identifiers: Mapping[str, str]
    traits: Mapping[str, Any] = field(default_factory=dict)
    choices: Mapping[str, bool] = field(default_factory=dict)
    occurred_at: str | None = None
    type: str = IDENTIFY
    properties: Mapping[str, Any] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)

    @property
    def subject(self) -> Subject:
        """The person under every identifier that is stated."""
        named = {**self._named_in_traits, **self.identifiers}
        stated = (Identifier(kind, named[kind]) for kind in current_kinds().keys if named.get(kind))
        return Subject(tuple(dict.fromkeys((*stated, *self.door_subject.identifiers))))

    @property
    def door_subject(self) -> Subject:
        """The person under the identifiers by which the door asks for consent."""
        if self._is_at_the_door:
            return Subject.of(**{name: self.identifiers.get(kind) for kind, name in FIELDS.items()})
        return Subject.of(anonymous_id=self._stand_in)

    def as_event(self) -> dict[str, Any]:
        """Return the event that is sent through the door."""
        further = {kind: v for kind, v in self.identifiers.items() if kind not in FIELDS}
        return {
            "message_id": self.message_id,
            "type": self.type,
            "occurred_at": self.occurred_at,
            **{name: self.identifiers.get(kind) for kind, name in FIELDS.items()},
            **({} if self._is_at_the_door else {"anonymous_id": self._stand_in}),
            "identifiers": further,
            "traits": dict(self.traits),
            "properties": dict(self.properties),
            "context": dict(self.context),
        }

    @property
    def _named_in_traits(self) -> dict[str, str]:
        """An address is one, wherever it stands and however the trait is spelled."""
        direct = personal_traits(self.traits)
        return {kind: direct[kind] for kind in SEALED_KINDS if isinstance(direct.get(kind), str)}

    def _has(self, kind: str) -> bool:
        return bool(self.identifiers.get(kind))

    @property
    def _is_at_the_door(self) -> bool:
        return any(self._has(kind) for kind in FIELDS)

    @property
    def _stand_in(self) -> str:
        """A browser that nobody has: every event belongs to a browser or an account."""
        best = next((kind for kind in current_kinds().keys if self._has(kind)), None)
        return f"{best}:{Identifier(best, self.identifiers[best]).pseudonym}" if best else ""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a statement's person before it is taken in."""

    choices: Choices
    is_erased: bool

    def after(self, stated: Mapping[str, bool], vouched: frozenset[str]) -> Choices:
        """Return the choices once the statement counts: a grant fills a gap, a refusal wins."""
        refused = frozenset(purpose for purpose, yes in stated.items() if not yes)
        granted = frozenset(purpose for purpose, yes in stated.items() if yes) | vouched
        denied = self.choices.denied | refused
        return Choices((self.choices.granted | granted) - denied, denied)


def take_in_statements(
    statements: Sequence[Statement],
    *,
    now: datetime,
    source: str,
    vouched: Iterable[str] = (),
    patient: bool = False,
) -> Tracked:
    """Accept what is valid and consented to; on return it is safe in the stream.

    Choices that are stated are recorded: a refusal always, a grant where no choice is known.
    Raises StreamUnavailable, and then nothing was accepted.
    """
    purposes = frozenset(vouched)
    refused = {one.index: one for one in check_statements(statements, now=now, vouched=purposes)}
    welcome = [index for index in range(len(statements)) if index not in refused]
    try:
        _record([statements[index] for index in _choosing(refused, statements)], purposes, now=now)
    except redis.RedisError as error:
        raise StreamUnavailable("Choices cannot be read now. Send it again later.") from error
    tracked = track(
        [statements[index].as_event() for index in welcome],
        now=now,
        source=source,
        patient=patient,
    )
    later = [
        Refusal(welcome[one.index], our_field(one.field), one.message) for one in tracked.refused
    ]
    every = sorted((*refused.values(), *later), key=lambda one: one.index)
    return Tracked(tracked.accepted, tuple(every))


def check_statements(
    statements: Sequence[Statement], *, now: datetime, vouched: Iterable[str] = ()
) -> tuple[Refusal, ...]:
    """Return what would be refused, and keep nothing. Raises StreamUnavailable."""
    purposes = frozenset(vouched)
    try:
        known = _known(statements)
    except redis.RedisError as error:
        raise StreamUnavailable("Choices cannot be read now. Send it again later.") from error
    refused = []
    for index, (statement, one) in enumerate(zip(statements, known, strict=True)):
        wrong = _fault(statement, now=now) or _objection(statement, one, purposes)
        if wrong is not None:
            refused.append(Refusal(index, *wrong))
    return tuple(refused)


def our_field(name: str) -> str:
    """Return how whoever states people calls the door's field."""
    return DOOR_FIELDS.get(name, name)


def _fault(statement: Statement, *, now: datetime) -> tuple[str, str] | None:
    kinds = current_kinds().keys
    if unknown := sorted(set(statement.identifiers) - set(kinds)):
        return f"identifiers.{unknown[0]}", f"Use one of {', '.join(kinds)}."
    if not any(statement.identifiers.values()):
        return "identifiers", f"Say who it is, by one of {', '.join(kinds)}."
    try:
        validate(statement.as_event(), now=now)
    except EventRefused as refusal:
        return our_field(refusal.field), refusal.message
    return None


def _objection(
    statement: Statement, known: Known, vouched: frozenset[str]
) -> tuple[str, str] | None:
    if known.is_erased:
        return "consent", ERASED
    after = known.after(statement.choices, vouched)
    if after.allows("analytics") or after.allows("personalization"):
        return None
    return "consent", NO_CONSENT


def _choosing(refused: Mapping[int, Refusal], statements: Sequence[Statement]) -> list[int]:
    """Return the statements whose choices count: also of those kept out because they refuse."""
    return [
        index
        for index in range(len(statements))
        if index not in refused or refused[index].message == NO_CONSENT
    ]


def _known(statements: Sequence[Statement]) -> list[Known]:
    subjects = [statement.subject for statement in statements]
    choices = choices_of_many(subjects)
    pseudonyms = sorted({name for subject in subjects for name in subject.pseudonyms})
    moments = suppressed_since_many(pseudonyms)
    erased = {name for name, at in zip(pseudonyms, moments, strict=True) if at is not None}
    return [
        Known(chosen, not erased.isdisjoint(subject.pseudonyms))
        for chosen, subject in zip(choices, subjects, strict=True)
    ]


def _record(statements: Sequence[Statement], vouched: frozenset[str], *, now: datetime) -> None:
    """Put what the statements choose into force, under every identifier of each person."""
    for statement, known in zip(statements, _known(statements), strict=True):
        _refuse(statement.subject, statement.choices, known.choices, now=now)
    wanted: dict[frozenset[str], list[Subject]] = {}
    for statement in statements:
        granted = frozenset(purpose for purpose, yes in statement.choices.items() if yes) | vouched
        wanted.setdefault(granted, []).append(statement.subject)
    _grant(wanted, now=now)
    _carry_over(statements, now=now)


def _carry_over(statements: Sequence[Statement], *, now: datetime) -> None:
    """Let the choices known under any identifier hold where the door will ask."""
    doors = [statement.door_subject for statement in statements]
    known, at_door = _known(statements), choices_of_many(doors)
    wanted: dict[frozenset[str], list[Subject]] = {}
    for subject, one, there in zip(doors, known, at_door, strict=True):
        _refuse(subject, dict.fromkeys(one.choices.denied, False), there, now=now)
        wanted.setdefault(one.choices.granted - there.granted, []).append(subject)
    _grant(wanted, now=now)


def _refuse(
    subject: Subject, choices: Mapping[str, bool], known: Choices, *, now: datetime
) -> None:
    news = {name: False for name, yes in choices.items() if not yes and name not in known.denied}
    if news:
        record_choices(subject=subject, choices=news, mechanism=MECHANISM_API, now=now)


def _grant(wanted: Mapping[frozenset[str], Sequence[Subject]], *, now: datetime) -> None:
    for purposes, subjects in wanted.items():
        if purposes:
            # That a source knows of a choice does not bring an erased person back.
            record_missing(
                subjects=subjects, purposes=purposes, mechanism=MECHANISM_VOUCHED, now=now
            )
