import pytest

from consent.keyspaces import patient_redis_connection
from consent.stores import Person
from personalization.events.models import Event
from personalization.profiles.models import Profile
from personalization.recommender.models import Representation
from personalization.recommender.personal_data import RepresentationStore
from personalization.recommender.representations import publish_vectors, vector_key
from personalization.recommender.retraining import retrain
from tests.recommender.shop import NOON


@pytest.fixture
def person(shop: list[Profile]) -> Person:
    assert retrain(now=NOON, seed=1, started_by="test").state == "promoted"
    return Person(frozenset(), frozenset({shop[0].pk}))


def test_a_vector_counts_in_postgresql_and_in_redis(person: Person) -> None:
    assert RepresentationStore().count(person) == 2


def test_export_names_the_version_and_gives_the_numbers(person: Person) -> None:
    (record,) = RepresentationStore().export(person)

    assert record["model_version"] == 1
    assert len(record["vector"]) == 65


def test_erasing_leaves_nothing_of_this_person_and_all_of_others(person: Person) -> None:
    others = Representation.objects.count() - 1

    remarks = RepresentationStore().erase(person)

    assert remarks["model versions that had learned from this person"] == [1]
    assert RepresentationStore().count(person) == 0
    assert Representation.objects.count() == others
    assert RepresentationStore().erase(person) == {
        "model versions that had learned from this person": [],
        "next training": "leaves the person out",
    }


def test_a_vector_is_not_published_again_after_erasure(person: Person) -> None:
    version = Representation.objects.filter(profile_id__in=person.profile_ids).get().version
    (profile_id,) = person.profile_ids
    RepresentationStore().erase(person)

    publish_vectors(version)

    assert not patient_redis_connection().exists(vector_key(1, profile_id))


def test_publishing_drops_vectors_of_profiles_that_are_gone(person: Person) -> None:
    version = Representation.objects.filter(profile_id__in=person.profile_ids).get().version
    (profile_id,) = person.profile_ids
    Profile.objects.filter(pk=profile_id).delete()
    Event.objects.filter(profile_id=profile_id).delete()
    Representation.objects.filter(profile_id=profile_id).delete()

    publish_vectors(version)

    assert not patient_redis_connection().exists(vector_key(1, profile_id))


def test_nobody_has_nothing(person: Person) -> None:
    nobody = Person(frozenset(), frozenset())

    assert RepresentationStore().count(nobody) == 0
    assert RepresentationStore().erase(nobody)
