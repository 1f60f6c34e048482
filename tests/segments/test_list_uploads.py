"""Long lists: kept sealed, read by a worker, whole or not at all."""

from datetime import timedelta
from typing import Any

import pytest
import redis
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from consent.subjects import Identifier
from personalization.profiles.facts import empty_facts
from personalization.profiles.models import Profile, ProfileIdentifier
from personalization.segments import list_filling, list_forms, upload_keeping, upload_reading
from personalization.segments.listing import list_rule
from personalization.segments.models import (
    HistoryEntry,
    ListMember,
    ListUpload,
    LiveEntry,
    MemberList,
    Segment,
    UploadPart,
)
from personalization.segments.publishing import publish_segment
from personalization.segments.tasks import (
    read_list_upload,
    read_lost_uploads,
    tell_waiting_lists,
)
from personalization.segments.upload_keeping import keep_upload, kept_lines
from personalization.segments.upload_reading import read_upload
from tests.factories import NOON

pytestmark = pytest.mark.django_db
ADD = "/admin/segments/segment/add/?kind=static"
FORM = {"name": "VIPs", "description": "", "id_kind": "user", "pasted": "", "frozen_from": ""}


@pytest.fixture
def vips() -> Segment:
    return Segment.objects.create(name="VIPs", kind="static", rule=list_rule("none-yet"))


def upload(segment: Segment, *chunks: bytes, kind: str = "user", publishes: bool = False) -> int:
    made = keep_upload(
        segment=segment,
        chunks=chunks,
        id_kind=kind,
        note="Uploaded vips.csv",
        publishes=publishes,
        by="ann",
        now=timezone.now(),
    )
    return made.pk


def read(upload_id: int) -> ListUpload:
    read_upload(upload_id, clock=timezone.now)
    return ListUpload.objects.get(pk=upload_id)


def members(segment: Segment) -> int:
    segment.refresh_from_db()
    [condition] = segment.rule["all"]
    return ListMember.objects.filter(member_list__key=condition["name"]).count()


def test_lines_are_the_same_wherever_the_parts_end(vips: Segment) -> None:
    upload(vips, b"ann", b"a\nber", b"t\n\ncarl", b"", b"\ndor")
    kept = ListUpload.objects.get()

    assert list(kept_lines(kept)) == [b"anna", b"bert", b"", b"carl", b"dor"]
    assert kept.size == len(b"anna\nbert\n\ncarl\ndor")


def test_what_was_uploaded_is_sealed_and_gone_once_it_is_read(vips: Segment) -> None:
    upload_id = upload(vips, b"ann@example.com\n", kind="email")
    assert b"example" not in bytes(UploadPart.objects.get().sealed)

    done = read(upload_id)

    assert (done.state, done.percent, members(vips)) == ("done", 100, 1)
    assert not UploadPart.objects.exists()
    assert HistoryEntry.objects.latest("pk").said.endswith("was read: 1 members.")


def test_a_list_that_is_read_matches_the_profiles_we_know(vips: Segment) -> None:
    anna = Profile.objects.create(facts=empty_facts())
    name = Identifier("user", "anna").pseudonym
    ProfileIdentifier.objects.create(profile=anna, kind="user", pseudonym=name)

    read(upload(vips, b"anna\nbert\n", publishes=True))

    anna.refresh_from_db()
    assert anna.facts["lists"] == [MemberList.objects.get().key]
    assert ListUpload.objects.get().message.endswith("It is live as version 1.")
    assert LiveEntry.objects.get().definition == Segment.objects.get().definition()


def test_refused_lines_are_named_with_their_reason_and_not_quoted(
    vips: Segment, admin_client: Client
) -> None:
    done = read(upload(vips, b"ann@example.com\nbob\n\xff\xfe\n", kind="email"))

    assert (done.refused, members(vips)) == (2, 1)
    page = admin_client.get(reverse("admin:segments_segment_change", args=[vips.pk]))
    assert "2 refused" in page.content.decode()
    file = admin_client.get(reverse("admin:segments_listupload_refused", args=[done.pk]))
    assert file.content.decode().splitlines() == [
        "line,reason",
        "2,It is no e-mail address.",
        "3,It is not UTF-8 text. Save the file as CSV UTF-8.",
    ]


def test_while_a_list_is_read_the_segment_keeps_the_one_it_has(
    vips: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(upload(vips, b"anna\n"))
    publish_segment(segment=Segment.objects.get(), by="ann", now=NOON)
    monkeypatch.setattr(list_filling, "AT_ONCE", 1)
    seen = []
    tell = upload_reading._tell

    def watching(told: ListUpload, *args: Any) -> None:
        tell(told, *args)
        seen.append((ListUpload.objects.get(pk=told.pk).percent, members(vips)))

    monkeypatch.setattr(upload_reading, "_tell", watching)

    read(upload(vips, b"bert\ncarl\ndora\n"))

    assert len(seen) >= 3
    assert {number for _, number in seen} == {1}
    assert [percent for percent, _ in seen] == sorted(percent for percent, _ in seen)
    assert members(vips) == 3


def test_a_failure_says_so_keeps_the_old_list_and_can_be_tried_again(
    vips: Segment, admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(upload(vips, b"anna\n"))
    monkeypatch.setattr(list_filling, "AT_ONCE", 1)
    upload_id = upload(vips, b"bert\ncarl\n")
    asked = []

    def away(names: list[str]) -> list[None]:
        asked.append(names)
        if len(asked) > 1:
            raise redis.ConnectionError("away")
        return [None for _ in names]

    with monkeypatch.context() as broken:
        broken.setattr(list_filling, "suppressed_since_many", away)
        with pytest.raises(redis.ConnectionError):
            read(upload_id)

    failed = ListUpload.objects.get(pk=upload_id)
    assert (failed.state, failed.can_be_tried_again, members(vips)) == ("failed", True, 1)
    assert "Try again" in failed.message
    assert MemberList.objects.count() == 1
    page = reverse("admin:segments_segment_change", args=[vips.pk])
    assert "Try again</button>" in admin_client.get(page).content.decode()

    admin_client.post(reverse("admin:segments_listupload_again", args=[upload_id]))
    read_list_upload(upload_id)

    assert (ListUpload.objects.get(pk=upload_id).state, members(vips)) == ("done", 2)


def test_without_any_identifier_it_fails_for_good(vips: Segment) -> None:
    done = read(upload(vips, b"bob\nrob\n", kind="email"))

    assert (done.state, done.can_be_tried_again) == ("failed", False)
    assert done.message.startswith("There is no identifier in it. Line 1: It is no e-mail")
    assert not MemberList.objects.exists()


def test_a_newer_upload_takes_the_place_of_one_that_is_being_read(
    vips: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = upload(vips, b"anna\n")
    newer: list[int] = []
    tell = upload_reading._tell

    def overtaken(*args: Any) -> None:
        if not newer:
            newer.append(upload(vips, b"bert\ncarl\n"))
        tell(*args)

    monkeypatch.setattr(upload_reading, "_tell", overtaken)

    read(first)
    read(newer[0])

    assert ListUpload.objects.get(pk=first).message == "A newer list was uploaded instead."
    assert (members(vips), MemberList.objects.count()) == (2, 1)


def test_two_workers_do_not_read_the_same_upload(vips: Segment) -> None:
    upload_id = upload(vips, b"anna\n")
    ListUpload.objects.update(state="reading", seen_at=timezone.now())

    assert read(upload_id).state == "reading"

    ListUpload.objects.update(seen_at=timezone.now() - timedelta(minutes=3))
    assert read(upload_id).state == "done"


def test_an_upload_whose_worker_died_half_way_is_read_from_the_start(vips: Segment) -> None:
    upload_id = upload(vips, b"anna\nbert\n")
    half = MemberList.objects.create(segment=vips, key="vips-half", made_at=NOON)
    ListMember.objects.create(member_list=half, pseudonym="x")
    long_ago = timezone.now() - timedelta(minutes=3)
    ListUpload.objects.update(state="reading", seen_at=long_ago, member_list=half)
    tell_waiting_lists()
    assert not MemberList.objects.get().is_ready
    assert upload_reading.lost_uploads(now=timezone.now()) == [upload_id]

    read(upload_id)

    assert members(vips) == 2
    assert not MemberList.objects.filter(key="vips-half").exists()


def test_what_nobody_read_within_a_day_is_deleted(vips: Segment) -> None:
    upload(vips, b"anna\n")
    ListUpload.objects.update(made_at=timezone.now() - timedelta(days=2))

    read_lost_uploads()

    assert not UploadPart.objects.exists()
    assert ListUpload.objects.get().message.startswith("It was not read within a day")


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_forms, "READ_AT_ONCE", 20)
    monkeypatch.setattr(upload_keeping, "PART_BYTES", 7)


@pytest.mark.usefixtures("short")
def test_a_long_file_is_left_to_a_worker_and_goes_live_when_it_is_whole(
    admin_client: Client,
) -> None:
    lines = "".join(f"user{n}\n" for n in range(30)).encode()
    sent = {**FORM, "upload": SimpleUploadedFile("vips.csv", lines), "_publish": ""}

    page = admin_client.post(ADD, sent, follow=True).content.decode()

    kept = ListUpload.objects.get()
    assert "It goes live as soon as the list is whole." in page
    assert f"/upload/{kept.pk}/progress.json" in page
    address = reverse("admin:segments_listupload_progress", args=[kept.pk])
    told = admin_client.get(address).json()
    assert (told["label"], told["is_over"]) == ("waiting for a worker", False)
    assert not LiveEntry.objects.exists()

    read(kept.pk)

    assert members(Segment.objects.get()) == 30
    assert LiveEntry.objects.get().definition == Segment.objects.get().definition()
    assert admin_client.get(address).json()["percent"] == 100


@pytest.mark.usefixtures("short")
def test_a_long_file_without_any_identifier_is_refused_at_once(admin_client: Client) -> None:
    file = SimpleUploadedFile("list.csv", b"no address at all\n" * 30)

    page = admin_client.post(ADD, {**FORM, "id_kind": "email", "upload": file}).content.decode()

    assert "There are none in it. Line 1: It is no e-mail address." in page
    assert not ListUpload.objects.exists()


def test_more_than_a_form_carries_is_told_kindly(admin_client: Client) -> None:
    answer = admin_client.post(ADD, {**FORM, "pasted": "anna\n" * 600_000})

    assert answer.status_code == 413
    assert "Or upload a file" in answer.content.decode()
