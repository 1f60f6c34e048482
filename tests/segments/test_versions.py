"""A marketer sees what each version changed, and goes back with one segment alone."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from personalization.segments.differing import (
    Line,
    changes_between,
    compare_sentences,
    describe_segment,
)
from personalization.segments.models import HistoryEntry, Publication, PublishingPolicy, Segment
from personalization.segments.publishing import SECTIONS, document_of, publish_segment
from personalization.segments.publishing import unpublish_segment as unpublish
from personalization.segments.restoring import (
    LiveVersion,
    NoSuchVersion,
    live_version,
    restore_segment,
    versions_of,
)
from tests.rules.test_contradicting import bought
from tests.rules.test_references import naming

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
Queries = Callable[[int], Any]


def marked(line: Line) -> tuple[list[str], list[str]]:
    """Return the words that only the earlier, and only the later sentence has."""
    before = [word.text for word in line.before if word.differs]
    return before, [word.text for word in line.after if word.differs]


@pytest.fixture
def regulars(db: None) -> Segment:
    """Return a segment that asked for more than 3, then more than 5 purchases."""
    segment = Segment.objects.create(name="Regulars", rule={"all": [bought("greater", 3)]})
    publish_segment(segment=segment, by="ann", now=NOON)
    segment.rule = {"all": [bought("greater", 5)]}
    segment.save()
    publish_segment(segment=segment, by="bob", now=NOON)
    return segment


def rule_of(publication: Publication, key: str = "regulars") -> Any:
    return publication.document["segments"][key]["rule"]


def test_only_the_words_that_differ_are_marked() -> None:
    line = compare_sentences("More than 3 purchases today.", "More than 5 purchases ever today.")

    assert marked(line) == (["3"], ["5", "ever"])
    assert " ".join(word.text for word in line.after) == "More than 5 purchases ever today."


def test_what_is_new_and_what_went_offline_is_said() -> None:
    empty: dict[str, Any] = {section: {} for section in SECTIONS}
    definition = {"name": "Regulars", "rule": {"all": [bought("greater", 3)]}}
    full = {**empty, "segments": {"regulars": definition}}

    [made], [taken] = changes_between(empty, full), changes_between(full, empty)

    assert (made.happened, made.lines[0].before) == ("new", ())
    assert (taken.happened, taken.lines[0].after) == ("taken offline", ())
    assert changes_between(full, full) == []


def test_a_renamed_segment_shows_its_names(regulars: Segment) -> None:
    before = document_of(Publication.objects.get(version=2))
    regulars.name = "Faithful"
    regulars.save()
    after = document_of(publish_segment(segment=regulars, by="ann", now=NOON))

    [change] = changes_between(before, after)

    assert [marked(line) for line in change.lines] == [(["“Regulars”."], ["“Faithful”."]), ([], [])]


def test_the_page_of_a_publication_shows_before_and_after(
    admin_client: Client, regulars: Segment
) -> None:
    page = admin_client.get(reverse("admin:segments_publication_changes", args=[2]))

    text = page.content.decode()
    assert '<del class="diff__del">3</del>' in text
    assert '<ins class="diff__ins">5</ins>' in text
    assert "by bob" in text


def test_a_segment_lists_its_versions_in_one_query(
    regulars: Segment, django_assert_num_queries: Queries
) -> None:
    publish_segment(segment=Segment.objects.create(name="B", rule=regulars.rule), by="x", now=NOON)

    with django_assert_num_queries(1):
        found = versions_of(regulars)

    assert [(one.publication.version, one.can_return) for one in found] == [(2, False), (1, True)]
    assert marked(found[0].line) == (["3"], ["5"])


def test_one_segment_goes_back_and_nothing_else_does(regulars: Segment) -> None:
    other = Segment.objects.create(name="Other", rule={"all": [bought("greater", 1)]})
    publish_segment(segment=other, by="ann", now=NOON)

    published = restore_segment(segment=regulars, to_version=1, by="ann", now=NOON)

    assert rule_of(published) == {"all": [bought("greater", 3)]}
    assert "other" in published.document["segments"]
    assert published.changes == ["segments/regulars"]
    regulars.refresh_from_db()
    assert regulars.rule == {"all": [bought("greater", 5)]}


def test_there_is_no_going_back_to_where_it_was_offline(regulars: Segment) -> None:
    unpublish(segment=regulars, by="ann", now=NOON)

    with pytest.raises(NoSuchVersion):
        restore_segment(segment=regulars, to_version=3, by="ann", now=NOON)
    assert [one.can_return for one in versions_of(regulars)] == [False, True, True]


def test_going_back_asks_first_and_then_does_it(admin_client: Client, regulars: Segment) -> None:
    page = reverse("admin:segments_segment_restore", args=[regulars.pk, 1])

    assert "Go back to version 1" in admin_client.get(page).content.decode()
    assert Publication.objects.count() == 2

    answer = admin_client.post(page, follow=True)
    assert "is as in version 1 again, live as 3" in answer.content.decode()
    assert rule_of(Publication.objects.latest()) == {"all": [bought("greater", 3)]}


def test_who_may_not_publish_does_not_go_back(client: Client, regulars: Segment) -> None:
    analyst = User.objects.create_user("sam", is_staff=True)
    analyst.user_permissions.add(Permission.objects.get(codename="view_segment"))
    client.force_login(analyst)
    versions = client.get(reverse("admin:segments_segment_versions", args=[regulars.pk]))

    assert "Go back" not in versions.content.decode()
    page = reverse("admin:segments_segment_restore", args=[regulars.pk, 1])
    assert client.post(page).status_code == 403
    assert Publication.objects.count() == 2


def test_a_segment_that_was_never_live_has_no_versions(admin_client: Client, db: None) -> None:
    draft = Segment.objects.create(name="Draft", rule={"all": [bought("greater", 3)]})

    page = admin_client.get(reverse("admin:segments_segment_versions", args=[draft.pk]))

    assert page.status_code == 200
    assert "It was never published." in page.content.decode()
    assert versions_of(draft) == []


def test_a_segment_is_taken_offline_alone(admin_client: Client, regulars: Segment) -> None:
    other = Segment.objects.create(name="Others", rule=regulars.rule)
    publish_segment(segment=other, by="ann", now=NOON)
    address = reverse("admin:segments_segment_offline", args=[regulars.pk])

    asked = admin_client.get(address)
    admin_client.post(address)

    assert "Take “Regulars” offline?" in asked.content.decode()
    live = document_of(Publication.objects.latest("version"))["segments"]
    assert live.keys() == {"others"}
    assert admin_client.get(address).status_code == 404


def test_who_may_not_publish_takes_nothing_offline(client: Client, regulars: Segment) -> None:
    viewer = User.objects.create_user("viewer", is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename="change_segment"))
    client.force_login(viewer)

    answer = client.post(reverse("admin:segments_segment_offline", args=[regulars.pk]))

    assert answer.status_code == 403
    assert Publication.objects.count() == 2


def test_the_page_says_what_visitors_meet_where_something_else_is_saved(
    admin_client: Client, regulars: Segment
) -> None:
    page = reverse("admin:segments_segment_change", args=[regulars.pk])
    before = admin_client.get(page).content.decode()

    restore_segment(segment=regulars, to_version=1, by="bob", now=NOON)
    after = admin_client.get(page).content.decode()

    assert "Visitors meet version" not in before
    assert "Visitors meet version 3, not what is saved here" in after
    assert live_version(regulars) == LiveVersion(3, after_sentence(3), is_as_saved=False)


def after_sentence(least: int) -> str:
    sentence = describe_segment(
        {"name": "Regulars", "rule": {"all": [bought("greater", least)]}}, {}
    )
    return " ".join(sentence)


def test_what_is_live_is_taken_over(admin_client: Client, regulars: Segment) -> None:
    restore_segment(segment=regulars, to_version=1, by="bob", now=NOON)

    admin_client.post(reverse("admin:segments_segment_take_over", args=[regulars.pk]))

    regulars.refresh_from_db()
    assert regulars.rule == {"all": [bought("greater", 3)]}
    said = HistoryEntry.objects.filter(key="regulars").first()
    assert said is not None
    assert said.said == "Went back to what is live as version 3; the rule changed."


def test_taking_over_is_not_done_by_following_a_link(
    admin_client: Client, regulars: Segment
) -> None:
    answer = admin_client.get(reverse("admin:segments_segment_take_over", args=[regulars.pk]))

    assert answer.status_code == 403


def test_what_others_are_built_on_is_not_deleted(admin_client: Client, regulars: Segment) -> None:
    user = Segment.objects.create(name="Best regulars", rule=naming("regulars"))
    address = reverse("admin:segments_segment_delete", args=[regulars.pk])

    asked = admin_client.get(address)
    admin_client.post(address, {"post": "yes"})

    assert "Segment “Best regulars”, which is built on “Regulars”" in asked.content.decode()
    assert Segment.objects.filter(pk=regulars.pk).exists()
    both = {"action": "delete_selected", "_selected_action": [regulars.pk, user.pk], "post": "yes"}
    admin_client.post(reverse("admin:segments_segment_changelist"), both)
    assert not Segment.objects.exists()


@pytest.mark.parametrize("version", [1, 3])
def test_there_is_no_going_back_to_what_is_live(
    admin_client: Client, regulars: Segment, version: int
) -> None:
    restore_segment(segment=regulars, to_version=1, by="ann", now=NOON)
    PublishingPolicy.objects.update(needs_approval=True)
    address = reverse("admin:segments_segment_restore", args=[regulars.pk, version])

    asked = admin_client.get(address)
    said = admin_client.post(address, follow=True).content.decode()

    assert asked.status_code == 404
    assert f"“Regulars” is live as in version {version} already" in said
    assert Publication.objects.count() == 3
    assert [one.can_return for one in versions_of(regulars)] == [False, True, False]


def test_nor_with_everything_at_once(admin_client: Client, regulars: Segment) -> None:
    address = reverse("admin:segments_publication_undo", args=[2])

    said = admin_client.post(address, follow=True).content.decode()

    assert "Everything is live as in version 2 already." in said
    assert Publication.objects.count() == 2
