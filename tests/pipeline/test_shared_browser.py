"""Two people on one browser: what one of them chose is nobody else's choice."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from consent.checking import choices_of
from consent.models import ConsentRecord
from consent.recording import record_choices
from consent.subjects import Identifier, Subject
from personalization.decisions.knowing import Knowledge, know
from personalization.decisions.visitors import Visitor
from personalization.events.models import Event
from personalization.events.tracking import track
from personalization.profiles.models import Profile, ProfileIdentifier, UnjoinedIdentifier
from personalization.profiles.rebuilding import rebuild_everything
from tests.factories import NOON, agree, make_event

pytestmark = pytest.mark.django_db(transaction=True)

Consume = Callable[[], None]
BOTH = ("analytics", "personalization")
BERT = Subject.of(user_id="bert")


@pytest.fixture(autouse=True)
def facts_are_what_events_make() -> Iterator[None]:
    """The browser agreed; and whatever is kept, facts folded anew are those that were kept."""
    agree(anonymous_id="br", to=BOTH)
    yield
    assert rebuild_everything(write=False).differing == ()


def come(*users: str, vouched: tuple[str, ...] = (), **changes: Any) -> None:
    """Let these accounts send an event from the browser; the door cannot know whose it is."""
    events = [make_event(anonymous_id="br", user_id=user or None, **changes) for user in users]
    assert track(events, now=NOON, vouched=vouched).refused == ()


def profile_of(user: str) -> Profile:
    return Profile.objects.get(identifiers__pseudonym=Identifier("user", user).pseudonym)


def views(user: str) -> int:
    counts = profile_of(user).facts.get("counts", {})
    return int(sum(counts.get("item_view", {}).values()))


def purposes_of(user: str) -> set[str]:
    return set(Event.objects.get(profile_id=profile_of(user).pk).purposes)


def known_of(user: str) -> Knowledge:
    return know(Visitor(anonymous_id="br", user_id=user))


@pytest.mark.parametrize("batches", [[("anna",), ("bert",), ("bert",)], [("anna", "bert", "bert")]])
def test_of_a_second_account_nothing_is_kept_on_the_first_ones_choice(
    consume: Consume, batches: list[tuple[str, ...]]
) -> None:
    for users in batches:
        come(*users)
        consume()

    assert views("anna") == Event.objects.count() == Profile.objects.count() == 1
    for model in (ProfileIdentifier, UnjoinedIdentifier, ConsentRecord):
        assert not model.objects.filter(pseudonym__in=BERT.pseudonyms).exists()
    assert not UnjoinedIdentifier.objects.exists()


def test_the_first_account_that_signs_in_shares_the_browsers_choice(consume: Consume) -> None:
    come("", "anna")
    consume()

    assert views("anna") == 2
    assert choices_of(Subject.of(user_id="anna")).granted == set(BOTH)


def test_an_account_that_is_known_joins_a_browser_on_the_browsers_choice(consume: Consume) -> None:
    agree(user_id="anna", to=("analytics", "personalization", "training"))
    track([make_event(user_id="anna")], now=NOON)
    come("")
    consume()
    come("anna")
    consume()

    assert views("anna") == 3


def test_a_second_account_that_chose_itself_is_held_to_its_own_choice(consume: Consume) -> None:
    come("anna")
    consume()
    agree(user_id="bert", to=("analytics",))
    agree(user_id="carl", to=BOTH)
    come("bert", "carl")
    consume()

    assert (purposes_of("bert"), purposes_of("carl")) == ({"analytics"}, set(BOTH))
    assert (views("bert"), views("carl")) == (0, 1)


def test_what_the_second_account_said_nothing_of_is_not_allowed(consume: Consume) -> None:
    come("anna")
    consume()
    record_choices(subject=BERT, choices={"analytics": True}, mechanism="API", now=NOON)
    come("bert")
    consume()

    assert purposes_of("bert") == {"analytics"}
    assert not known_of("bert").may_personalize


def test_a_refusal_on_the_browser_counts_for_whoever_sits_at_it(consume: Consume) -> None:
    come("anna")
    consume()
    agree(user_id="bert", to=BOTH)
    agree(anonymous_id="br", to=("analytics",))
    come("bert")
    consume()

    assert purposes_of("bert") == {"analytics"}


def test_of_a_customer_number_on_somebody_elses_browser_nothing_is_kept(consume: Consume) -> None:
    come("", identifiers={"crm": "1"})
    consume()
    come("", identifiers={"crm": "2"})
    consume()
    assert Event.objects.count() == Profile.objects.count() == 1

    two = Subject((Identifier("crm", "2"),))
    record_choices(subject=two, choices={"analytics": True}, mechanism="API", now=NOON)
    come("", identifiers={"crm": "2"})
    consume()

    assert Event.objects.count() == Profile.objects.count() == 2
    assert sorted(map(len, Event.objects.values_list("purposes", flat=True))) == [1, 2]


def test_who_is_vouched_for_gets_a_choice_of_their_own(consume: Consume) -> None:
    for user in ("anna", "bert"):
        come(user, vouched=BOTH)
        consume()

    assert (views("anna"), views("bert")) == (1, 1)
    assert choices_of(BERT).granted == set(BOTH)
    assert known_of("bert").profile_id == profile_of("bert").pk


def test_a_decision_does_not_take_a_second_account_for_the_first(consume: Consume) -> None:
    come("")
    consume()
    before = known_of("anna")
    come("anna")
    consume()

    assert before.may_personalize  # nobody's browser yet: whoever signs in first will join it
    assert before.profile_id == known_of("anna").profile_id == profile_of("anna").pk
    assert known_of("anna").may_personalize
    assert known_of("").profile_id == profile_of("anna").pk
    stranger = known_of("bert")
    assert (stranger.profile_id, stranger.may_personalize) == (None, False)
    assert stranger.facts["counts"] == {}


def test_a_decision_holds_a_second_account_to_its_own_choice(consume: Consume) -> None:
    come("anna")
    consume()
    agree(user_id="bert", to=BOTH)
    before = known_of("bert")
    come("bert")
    consume()

    assert (before.profile_id, before.may_personalize) == (None, True)
    assert known_of("bert").profile_id == profile_of("bert").pk
    agree(anonymous_id="br", to=())
    assert not known_of("bert").may_personalize
