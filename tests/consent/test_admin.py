"""What a privacy officer sees and does."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks

from consent import tasks
from consent.checking import choices_of
from consent.models import Consent, ConsentRecord, Notice, PrivacyRequest, Privilege, Suppression
from consent.requests import fulfil, open_request
from consent.subjects import Identifier, Subject
from tests.factories import NOON

pytestmark = pytest.mark.django_db

ADD = "/admin/consent/privacyrequest/add/"
ANNA = Identifier("email", "anna@example.com")


@pytest.fixture
def officer(client: Client) -> Client:
    user = User.objects.create_user("officer", is_staff=True)
    allowed = Permission.objects.filter(content_type__app_label="consent")
    user.user_permissions.set(allowed.exclude(codename__startswith="delete"))
    client.force_login(user)
    return client


@pytest.fixture(autouse=True)
def queued(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    queued: list[str] = []
    monkeypatch.setattr(
        tasks.fulfil_request, "apply_async", lambda args, **kwargs: queued.append(args[0])
    )
    return queued


def opened() -> PrivacyRequest:
    return open_request(
        type="erasure", subject=Subject((ANNA,)), opened_by="x", verified=True, now=NOON
    )


def test_an_officer_opens_a_request_that_keeps_no_address(
    officer: Client,
    queued: list[str],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    assert officer.get(ADD).status_code == 200
    form = {
        "type": "erasure",
        "regulation": "gdpr",
        "identifier_kind": "email",
        "identifier": ANNA.value,
    }

    with django_capture_on_commit_callbacks(execute=True):
        response = officer.post(ADD, form)

    request = PrivacyRequest.objects.get()
    assert response.status_code == 302
    assert (request.state, request.opened_by) == ("verified", "officer")
    assert request.pseudonym == ANNA.pseudonym
    assert queued == [str(request.pk)]


def test_a_request_about_what_is_no_address_is_not_opened(officer: Client) -> None:
    form = {"type": "erasure", "regulation": "gdpr", "identifier_kind": "email"}

    page = officer.post(ADD, {**form, "identifier": "n/a"}).content.decode()

    assert "Use an e-mail address" in page
    assert not PrivacyRequest.objects.exists()


def test_a_request_is_followed_and_its_receipt_is_read_and_downloaded(officer: Client) -> None:
    request = opened()
    fulfil(request.pk, now=NOON)

    page = officer.get(f"/admin/consent/privacyrequest/{request.pk}/change/").content.decode()

    assert "Completed" in page
    assert "Records of choices stay as proof" in page
    assert "verifying" in page
    assert 'name="_save"' not in page
    receipt = officer.get(f"/admin/consent/privacyrequest/{request.pk}/receipt")
    assert receipt.json()["request"] == str(request.pk)


def test_a_request_without_a_receipt_says_so(officer: Client) -> None:
    request = opened()

    page = officer.get(f"/admin/consent/privacyrequest/{request.pk}/change/")

    assert "No receipt yet" in page.content.decode()
    assert officer.get(f"/admin/consent/privacyrequest/{request.pk}/receipt").status_code == 404


def test_a_partial_request_is_run_again_by_a_button(
    officer: Client,
    queued: list[str],
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    request = opened()
    with monkeypatch.context() as patch:
        patch.setattr("consent.choices_store.ChoicesStore.erase", fail)
        fulfil(request.pk, now=NOON)
    address = f"/admin/consent/privacyrequest/{request.pk}/change/"
    button = "consent_privacyrequest_run_again_one"
    assert f'name="{button}"' in officer.get(address).content.decode()
    audit = {"transitions-TOTAL_FORMS": 0, "transitions-INITIAL_FORMS": 0}

    with django_capture_on_commit_callbacks(execute=True):
        officer.post(address, {button: "1", **audit})

    request.refresh_from_db()
    assert (request.state, request.run) == ("verified", 2)
    assert queued == [str(request.pk)]
    assert f'name="{button}"' not in officer.get(address).content.decode()


def test_running_many_again_names_those_that_cannot_be(officer: Client) -> None:
    request = opened()

    response = officer.post(
        "/admin/consent/privacyrequest/",
        {"action": "run_again_all", "_selected_action": [str(request.pk)]},
        follow=True,
    )

    assert "cannot become verified" in response.content.decode()


@pytest.mark.parametrize(
    "model", ["consentrecord", "suppression", "consent", "notice", "privacyrequest", "privilege"]
)
def test_every_list_and_search_opens(officer: Client, model: str) -> None:
    subject = Subject.of(user_id="john")
    user = User.objects.create_user("john")
    Consent.objects.grant_consent(user, [Privilege.objects.get(key="analytics")])
    Suppression.objects.create(pseudonym=subject.pseudonyms[0], erased_at=NOON)
    fulfil(opened().pk, now=NOON)

    for query in ("", "?q=a1", "?o=1"):
        assert officer.get(f"/admin/consent/{model}/{query}", follow=True).status_code == 200
    first: Any = {"consentrecord": ConsentRecord, "suppression": Suppression, "consent": Consent}
    if model in first:
        pk = first[model].objects.first().pk
        assert officer.get(f"/admin/consent/{model}/{pk}/change/").status_code == 200


def test_proof_cannot_be_changed_or_added_by_hand(officer: Client) -> None:
    choose = Consent.objects.grant_consent
    choose(User.objects.create_user("john"), [Privilege.objects.get(key="analytics")])
    record = ConsentRecord.objects.get()

    assert officer.get("/admin/consent/consentrecord/add/").status_code == 403
    address = f"/admin/consent/consentrecord/{record.pk}/change/"
    assert officer.post(address, {"state": "denied"}).status_code == 403
    notice = Notice.objects.get()
    assert officer.post(f"/admin/consent/notice/{notice.pk}/change/", {}).status_code == 403


def test_a_new_notice_is_a_new_version(officer: Client) -> None:
    before = Notice.objects.get()
    page = officer.get("/admin/consent/notice/add/").content.decode()
    assert before.text.split("\n")[0] in page

    form = {"version": before.version + 1, "locale": "en", "text": "Now with advertising."}
    officer.post("/admin/consent/notice/add/", form)

    assert Notice.objects.first() != before
    assert len(Notice.objects.get(version=before.version + 1).sha256) == 64


def test_the_key_of_a_purpose_never_changes(officer: Client) -> None:
    purpose = Privilege.objects.get(key="analytics")

    officer.post(
        f"/admin/consent/privilege/{purpose.pk}/change/",
        {"key": "spying", "name": "Statistics!", "description": "Counts."},
    )

    purpose.refresh_from_db()
    assert (purpose.key, purpose.name) == ("analytics", "Statistics!")


@pytest.mark.django_db(transaction=True)
def test_an_officer_withdraws_at_a_persons_request(officer: Client) -> None:
    john = User.objects.create_user("john")
    privilege = Privilege.objects.create(name="Letters", description="-")
    Consent.objects.grant_consent(john, [privilege])

    officer.post(
        reverse("admin:consent_consent_changelist"),
        {"action": "withdraw", "_selected_action": [str(Consent.objects.get().pk)]},
    )

    assert not privilege.is_granted_by(john)
    assert choices_of(Subject.of(user_id="john")).denied == {"letters"}


def fail(*args: Any) -> None:
    raise ConnectionError
