"""A day without a mouse: build, mend, ask, submit; a colleague approves, and it is undone."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer
from selenium.webdriver import Chrome
from selenium.webdriver.common.keys import Keys

from consent.subjects import Identifier
from personalization.profiles.facts import empty_facts
from personalization.profiles.folding import Happening, remember
from personalization.profiles.models import Profile, ProfileIdentifier
from personalization.segments.models import PublishingPolicy, Segment
from personalization.segments.publishing import current_document, publish_segment

from .keyboard import Keyboard

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
HIGH_VALUE = {
    "all": [
        {
            "fact": "count",
            "event": "purchase",
            "category": None,
            "days": 30,
            "operator": "greater",
            "value": 3,
        },
        {"fact": "average", "event": "purchase", "days": 30, "operator": "greater", "value": 150},
    ]
}


def buyer(name: str, *, orders: int, worth: float) -> Profile:
    now = timezone.now()
    facts = empty_facts()
    for n in range(orders):
        remember(facts, Happening("purchase", now - timedelta(hours=n), value=worth))
    profile = Profile.objects.create(facts=facts)
    pseudonym = Identifier("user", name).pseudonym
    ProfileIdentifier.objects.create(profile=profile, kind="user", pseudonym=pseudonym)
    return profile


@pytest.fixture
def house(transactional_db: None) -> None:
    """Have buyers, something live already, and a rule that two people publish."""
    for n in range(12):
        buyer(f"rich-{n}", orders=5, worth=200)
    buyer("anna", orders=3, worth=200)
    buyer("ben", orders=9, worth=20)
    earlier = Segment.objects.create(
        name="Everyone who bought",
        rule={"all": [{"fact": "days_since", "event": "purchase", "operator": "is_set"}]},
    )
    publish_segment(segment=earlier, by="someone", now=timezone.now())
    PublishingPolicy.objects.update_or_create(pk=1, defaults={"needs_approval": True})


def sign_in(keys: Keyboard, url: str, name: str) -> None:
    keys.browser.delete_all_cookies()
    keys.browser.get(f"{url}/admin/")
    keys.fill("[name=username]", name)
    keys.fill("[name=password]", "lantern-light")
    keys.type(Keys.ENTER)
    keys.wait_for("Segments")


def build(keys: Keyboard) -> None:
    """Write the high-value segment, and one condition too many."""
    keys.fill("[name=name]", "High value")
    keys.choose_fact(0, "number of events")
    keys.fill("[name=rule-0-event]", "purchase")
    keys.fill("[name=rule-0-days]", "30")
    keys.fill("[name=rule-0-operator]", "is more than")
    keys.fill("[name=rule-0-value]", "3")
    keys.press("#rule-add")
    keys.wait_to_be_at("#id_rule-1-fact_search")
    keys.choose_fact(1, "average order value")
    keys.fill("[name=rule-1-event]", "purchase")
    keys.fill("[name=rule-1-days]", "30")
    keys.fill("[name=rule-1-operator]", "is more than")
    keys.fill("[name=rule-1-value]", "150")
    keys.wait_for(
        "More than 3 purchases in the last 30 days and average purchase worth more than 150",
        "Matches 12 of 14 profiles (85.7 %)",
    )
    keys.press("#rule-add")
    keys.wait_to_be_at("#id_rule-2-fact_search")
    keys.choose_fact(2, "number of events")
    keys.fill("[name=rule-2-event]", "purchase")
    keys.fill("[name=rule-2-days]", "30")
    keys.fill("[name=rule-2-operator]", "is less than")
    keys.fill("[name=rule-2-value]", "2")
    keys.wait_for("Nobody can fulfil this and also: more than 3 purchases in the last 30 days.")
    keys.press("[name=_save]")
    keys.wait_until(Segment.objects.filter(name="High value").exists)


def test_a_marketers_day(
    browser: Chrome, live_server: LiveServer, marketer: User, house: None
) -> None:
    colleague = User.objects.create_user("colleague", password="lantern-light", is_staff=True)
    colleague.groups.add(Group.objects.get(name="Marketer"))
    keys, url = Keyboard(browser), live_server.url
    segments = f"{url}/admin/segments/segment/"
    sign_in(keys, url, "marketer")

    # From scratch, reading the sentence as it grows.
    browser.get(f"{segments}add/")
    keys.wait_until(
        lambda: browser.execute_script("return !!document.querySelector('.fact-search')")
    )
    build(keys)
    segment = Segment.objects.get(name="High value")
    page = f"{segments}{segment.pk}/change/"

    # The check finds the condition too many, and it goes.
    browser.get(f"{segments}lint")
    keys.wait_for("Cannot work", "can never match")
    keys.press(f'a[href$="/{segment.pk}/change/"]')
    keys.wait_until(lambda: browser.current_url == page)
    keys.press('button[value="remove:2"]')
    keys.wait_to_be_at("#id_rule-1-fact_search")
    keys.press("[name=_continue]")
    keys.wait_until(lambda: Segment.objects.get(pk=segment.pk).rule == HIGH_VALUE)
    browser.get(f"{segments}lint")
    keys.wait_until(lambda: "can never match" not in keys.page())

    # Why is Anna not in it?
    browser.get(page)
    keys.press('a[href$="/why/"]')
    keys.wait_for("Ask")
    keys.fill("[name=profile]", "anna")
    keys.type(Keys.ENTER)
    keys.wait_for("is not in this segment", "one purchase short")

    # Submitted, but not live before a second person approves.
    browser.get(page)
    keys.press("[name=_publish]")
    keys.wait_for("Submitted: “Segment “High value””")
    assert "high-value" not in current_document()[1]["segments"]
    approve(keys, url, "colleague")
    assert current_document()[1]["segments"]["high-value"]["rule"] == HIGH_VALUE

    # Undone: what was live before is live again, by two persons too.
    sign_in(keys, url, "marketer")
    browser.get(f"{url}/admin/segments/publication/1/undo/")
    keys.press("[name=_undo]")
    keys.wait_for("Submitted")
    approve(keys, url, "colleague")
    assert list(current_document()[1]["segments"]) == ["everyone-who-bought"]


def approve(keys: Keyboard, url: str, name: str) -> None:
    """Let somebody else approve what waits."""
    before = current_document()[0]
    sign_in(keys, url, name)
    keys.browser.get(f"{url}/admin/segments/proposal/")
    keys.press("#result_list tbody a")
    keys.wait_for("Approve and publish")
    keys.press("[name=_approve]")
    keys.wait_until(lambda: current_document()[0] > before)
