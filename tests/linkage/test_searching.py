"""A search merges the certain, leaves the doubtful to a person, and remembers what was decided."""

from collections.abc import Iterable

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from consent.mirroring import mirror
from consent.proving import Circumstances, append
from consent.stores import Person, personal_data_stores
from consent.subjects import Identifier
from personalization.linkage.deciding import CannotMerge, accept
from personalization.linkage.models import Candidate, LinkageRun, LinkageSettings
from personalization.linkage.records import records
from personalization.linkage.searching import search
from personalization.profiles.models import Profile, ProfileIdentifier, ProfileMerge
from personalization.profiles.undoing import undo_merge
from personalization.vault.keeping import Statement, known
from personalization.vault.keeping import keep as seal
from personalization.vault.models import Look
from tests.factories import NOON
from tests.linkage.people import Record, mistyped, people

pytestmark = pytest.mark.django_db


def keep(person: Record, *, kind: str = "crm", agreed: bool = True) -> int:
    """Keep a record as a profile that is known by a number of its own."""
    profile = Profile.objects.create(facts={})
    seal(
        Statement(profile.pk, name, value, "crm", NOON)
        for name, value in person.items()
        if name != "record_id" and value
    )
    identifier = Identifier(kind, str(person["record_id"]))
    ProfileIdentifier.objects.create(profile=profile, kind=kind, pseudonym=identifier.pseudonym)
    if agreed:
        grant([identifier])
    return profile.pk


def grant(identifiers: Iterable[Identifier]) -> None:
    wanted = {one.pseudonym: {"personalization": True} for one in identifiers}
    append(wanted=wanted, circumstances=Circumstances("API"), now=NOON)
    mirror(list(wanted))


def run() -> LinkageRun:
    asked = LinkageRun.objects.create(started_by="olga")
    search(asked, now=NOON)
    asked.refresh_from_db()
    return asked


@pytest.fixture
def shop() -> list[tuple[int, int]]:
    """Fill the shop, and return the pairs that are one person."""
    settings = LinkageSettings.objects.get()
    settings.fields.filter(name__in=["email", "phone"]).delete()
    originals = people(150)
    kept = {one["record_id"]: keep(one) for one in originals}
    again = [mistyped(one, seed=n) for n, one in enumerate(originals[:60])]
    return [(kept[str(one["record_id"]).removesuffix("-again")], keep(one)) for one in again]


def test_the_certain_are_merged_and_the_others_wait(shop: list[tuple[int, int]]) -> None:
    done = run()

    assert done.state == LinkageRun.State.DONE, done.message
    assert done.percent == 100
    merged = {(m.into_id, m.absorbed_id) for m in ProfileMerge.objects.all()}
    assert len(merged) >= 40
    assert merged <= set(shop)
    assert set(ProfileMerge.objects.values_list("means", flat=True)) == {"likeness"}
    waiting = Candidate.objects.filter(state=Candidate.State.OPEN)
    assert all(0.5 <= one.probability <= 0.999 for one in waiting)
    assert "210 profiles compared" in done.message


def test_with_one_as_threshold_nothing_is_merged_without_asking(
    shop: list[tuple[int, int]],
) -> None:
    LinkageSettings.objects.update(automatic_above=1)

    run()

    assert not ProfileMerge.objects.exists()
    assert Candidate.objects.filter(state=Candidate.State.OPEN).count() >= 50


def test_whoever_did_not_agree_is_not_compared(shop: list[tuple[int, int]]) -> None:
    silent = keep({**people(1)[0], "record_id": "silent"}, agreed=False)

    assert silent not in {record["record_id"] for record in records()}
    assert shop[0][0] in {record["record_id"] for record in records()}


def test_two_accounts_are_never_one_person(shop: list[tuple[int, int]]) -> None:
    first, second = (
        keep({**people(1, seed=9)[0], "record_id": name}, kind="user") for name in ("u1", "u2")
    )

    run()

    assert Profile.objects.filter(pk__in=[first, second]).count() == 2
    assert not Candidate.objects.filter(profile_id=first, other_id=second).exists()
    pair = Candidate.objects.create(
        profile_id=first, other_id=second, probability=1, weight=9, prior=0
    )
    with pytest.raises(CannotMerge, match="two accounts"):
        accept(pair, by="olga", now=NOON)


def test_what_was_rejected_or_undone_is_not_asked_again(shop: list[tuple[int, int]]) -> None:
    LinkageSettings.objects.update(automatic_above=1)
    run()
    first, second = Candidate.objects.all()[:2]
    Candidate.objects.filter(pk=first.pk).update(state=Candidate.State.REJECTED)
    accept(second, by="olga", now=NOON)
    undo_merge(ProfileMerge.objects.get().pk, by="olga", why="Twins", now=NOON)
    Candidate.objects.filter(pk=second.pk).delete()
    LinkageSettings.objects.update(automatic_above=0.9)

    run()

    assert Candidate.objects.get(pk=first.pk).state == Candidate.State.REJECTED
    for pair in (first, second):
        assert Profile.objects.filter(pk__in=[pair.profile_id, pair.other_id]).count() == 2


def test_a_search_without_records_says_so() -> None:
    done = run()

    assert done.state == LinkageRun.State.FAILED
    assert done.message == "Fewer than two profiles with personal traits agreed to be compared."


def test_erasing_a_person_forgets_the_pairs(shop: list[tuple[int, int]]) -> None:
    LinkageSettings.objects.update(automatic_above=1)
    run()
    pair = Candidate.objects.all()[0]
    store = next(store for store in personal_data_stores() if store.name == "probable duplicates")
    person = Person(frozenset(), frozenset({pair.other_id}))
    assert len(list(store.export(person))) == store.count(person) >= 1

    store.erase(person)

    assert store.count(person) == 0


def officer(client: Client, role: str) -> None:
    user = User.objects.create_user(role, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)


def test_an_officer_sees_both_records_and_decides(
    shop: list[tuple[int, int]], client: Client
) -> None:
    LinkageSettings.objects.update(automatic_above=1)
    run()
    officer(client, "Privacy officer")
    first, second = Candidate.objects.all()[:2]
    page = client.get(f"/admin/linkage/candidate/{first.pk}/change/").content.decode()
    traits = {one.name: one.value for one in known([first.other_id])}

    client.post(f"/admin/linkage/candidate/{first.pk}/decide", {"_accept": ""})
    client.post(f"/admin/linkage/candidate/{second.pk}/decide", {"_reject": ""})

    assert traits["last_name"] in page
    assert set(Look.objects.values_list("seen_by", "profile_id")) >= {
        ("Privacy officer", first.profile_id),
        ("Privacy officer", first.other_id),
    }
    assert "any two profiles" in page
    assert Candidate.objects.get(pk=first.pk).state == Candidate.State.ACCEPTED
    assert Candidate.objects.get(pk=second.pk).state == Candidate.State.REJECTED
    merge = ProfileMerge.objects.get()
    assert (merge.means, merge.by) == ("person", "Privacy officer")


def test_others_neither_see_pairs_nor_decide(shop: list[tuple[int, int]], client: Client) -> None:
    officer(client, "Marketer")
    pair = Candidate.objects.create(
        profile_id=shop[0][0], other_id=shop[0][1], probability=0.9, weight=3, prior=-9
    )

    assert client.get(f"/admin/linkage/candidate/{pair.pk}/change/").status_code == 403
    client.post(f"/admin/linkage/candidate/{pair.pk}/decide", {"_accept": ""})
    assert not ProfileMerge.objects.exists()


def test_a_line_that_names_no_field_is_refused(admin_client: Client) -> None:
    page = admin_client.post(
        "/admin/linkage/linkagesettings/1/change/",
        {"automatic_above": "0.9", "review_above": "0.5", "blockings": "birthday\nshoe_size"},
    ).content.decode()

    assert "Line 2: there is no field" in page


def test_thresholds_in_the_wrong_order_are_refused(admin_client: Client) -> None:
    page = admin_client.post(
        "/admin/linkage/linkagesettings/1/change/",
        {"automatic_above": "0.4", "review_above": "0.5", "blockings": "birthday"},
    ).content.decode()

    assert "merge without asking above a higher one" in page


def test_sixty_people_with_addresses_are_searched_as_the_settings_come() -> None:
    originals = [{**one, "email": f"{one['record_id']}@shop.example"} for one in people(60)]
    kept = [keep(one) for one in originals]
    again = keep({**mistyped(originals[0], seed=3, slips=1), "email": "other@shop.example"})

    done = run()

    assert done.state == LinkageRun.State.DONE, done.message
    together = Candidate.objects.filter(profile_id=kept[0], other_id=again)
    merged = ProfileMerge.objects.filter(into_id=kept[0], absorbed_id=again)
    assert together.exists() or merged.exists()


def test_profiles_of_which_one_field_is_known_are_not_compared_and_the_page_says_why() -> None:
    for number in range(3):
        keep({"record_id": f"n{number}", "first_name": "anna"})

    done = run()

    assert done.state == LinkageRun.State.FAILED
    assert "these are known of anybody: first name." in done.message


def no_such_column(**_: object) -> None:
    raise KeyError("bf_email")


def test_a_search_that_breaks_says_what_to_do_and_no_python(
    shop: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("personalization.linkage.searching.link", no_such_column)
    asked = LinkageRun.objects.create(started_by="olga")

    with pytest.raises(KeyError):
        search(asked, now=NOON)

    asked.refresh_from_db()
    assert asked.state == LinkageRun.State.FAILED
    assert "Search again" in asked.message
    assert "bf_email" not in asked.message
