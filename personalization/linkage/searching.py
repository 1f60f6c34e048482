"""Search for duplicates among all profiles: merge the certain, put the probable to a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from personalization.linkage.deciding import CannotMerge, accept_unasked
from personalization.linkage.models import (
    FEWEST_FIELDS,
    Candidate,
    LinkageRun,
    LinkageSettings,
)
from personalization.linkage.records import records
from personalization.linkage.scoring import CannotLink, Field, Model, Pair, Record, link
from personalization.profiles.models import ProfileIdentifier, ProfileMerge

FOUND: Final = ("probability", "weight", "prior", "shares")
AT_ONCE: Final = 500
BROKE_OFF: Final = (
    "The search broke off before its end. Search again in a few minutes; if it breaks off"
    " again, tell whoever runs this installation: the worker's log says what happened."
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a search found."""

    compared: int
    merged: int
    waiting: int

    def __str__(self) -> str:
        return (
            f"{self.compared:,} profiles compared: {self.merged:,} pairs merged,"
            f" {self.waiting:,} wait for a decision."
        )


def search(run: LinkageRun, *, now: datetime) -> None:
    """Do this search, and write down how far it is and how it ended."""
    try:
        outcome = _search(run, now=now)
    except CannotLink as error:
        _end(run, LinkageRun.State.FAILED, str(error), now=now)
    except Exception:
        # Who searches can do nothing with what Python says; the worker's log has it.
        _end(run, LinkageRun.State.FAILED, BROKE_OFF, now=now)
        raise
    else:
        run.percent = 100
        _end(run, LinkageRun.State.DONE, str(outcome), now=now)


def model_of(settings: LinkageSettings) -> Model:
    """Return the settings as the comparison takes them; raises CannotLink."""
    fields = tuple(Field(one.name, one.comparison) for one in settings.fields.all())
    if len(fields) < FEWEST_FIELDS:
        raise CannotLink(f"Compare {FEWEST_FIELDS} fields or more.")
    return Model(fields, settings.blocking_fields)


def _search(run: LinkageRun, *, now: datetime) -> Outcome:
    settings = LinkageSettings.objects.get()
    model = model_of(settings)
    _tell(run, "Collecting records", 0)
    compared = list(records())
    if len(compared) < FEWEST_FIELDS:
        raise CannotLink("Fewer than two profiles with personal traits agreed to be compared.")
    pairs = link(
        records=compared,
        model=_with_what_is_there(model, compared),
        least=settings.review_above,
        tell=lambda stage, percent: _tell(run, stage, percent),
    )
    _tell(run, "Writing down what was found", 90)
    _keep(_possible(pairs))
    merged = _merge_certain(above=settings.automatic_above, now=now)
    waiting = Candidate.objects.filter(state=Candidate.State.OPEN).count()
    return Outcome(len(compared), merged, waiting)


def _with_what_is_there(model: Model, compared: Sequence[Record]) -> Model:
    """Leave out fields that no record has: they can tell nothing."""
    there = {name for record in compared for name, value in record.items() if value}
    fields = tuple(field for field in model.fields if field.name in there)
    blockings = tuple(names for names in model.blockings if there.issuperset(names))
    if len(fields) < FEWEST_FIELDS or not blockings:
        raise CannotLink(_too_little(fields))
    return Model(fields, blockings)


def _too_little(fields: Sequence[Field]) -> str:
    known = ", ".join(field.name.replace("_", " ") for field in fields) or "none"
    return (
        f"Of the fields that are compared, these are known of anybody: {known}. Send more of them"
        " with the profiles, or change in the settings what is compared and which pairs are"
        " looked at."
    )


def _possible(pairs: Sequence[Pair]) -> list[Pair]:
    """Leave out pairs with two accounts, and those whose merge was undone."""
    ids = {side for pair in pairs for side in (int(pair.left), int(pair.right))}
    accounts = ProfileIdentifier.objects.filter(kind="user", profile_id__in=ids)
    having = set(accounts.values_list("profile_id", flat=True))
    undone = ProfileMerge.objects.exclude(undone_at=None).filter(absorbed_id__in=ids)
    apart = {frozenset(two) for two in undone.values_list("into_id", "absorbed_id")}
    return [
        pair
        for pair in pairs
        if not having.issuperset({pair.left, pair.right})
        and frozenset((pair.left, pair.right)) not in apart
    ]


def _keep(pairs: Sequence[Pair]) -> None:
    """Write the pairs down; what was decided stays decided."""
    Candidate.objects.filter(state=Candidate.State.OPEN).delete()
    Candidate.objects.bulk_create(
        [_candidate(pair) for pair in pairs],
        update_conflicts=True,
        unique_fields=["profile_id", "other_id"],
        update_fields=FOUND,
        batch_size=AT_ONCE,
    )


def _candidate(pair: Pair) -> Candidate:
    low, high = sorted((int(pair.left), int(pair.right)))
    shares: list[Any] = [[one.field, one.finding, round(one.weight, 3)] for one in pair.shares]
    return Candidate(
        profile_id=low,
        other_id=high,
        probability=pair.probability,
        weight=pair.weight,
        prior=pair.prior,
        shares=shares,
    )


def _merge_certain(*, above: float, now: datetime) -> int:
    merged = 0
    certain = Candidate.objects.filter(state=Candidate.State.OPEN, probability__gt=above)
    for candidate in certain:
        try:
            accept_unasked(candidate, now=now)
        except CannotMerge:
            # Two that were each like a third with an account: a person has to look.
            continue
        merged += 1
    return merged


def _tell(run: LinkageRun, stage: str, percent: int) -> None:
    run.state, run.stage, run.percent = LinkageRun.State.RUNNING, stage, percent
    run.save(update_fields=["state", "stage", "percent"])


def _end(run: LinkageRun, state: str, message: str, *, now: datetime) -> None:
    run.state, run.stage, run.message, run.finished_at = state, "", message, now
    run.save(update_fields=["state", "stage", "percent", "message", "finished_at"])
