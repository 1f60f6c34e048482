"""Segments chosen among thousands by keyboard, and a paste that no form carries."""

import pytest
from django.contrib.auth.models import Group, User
from pytest_django.live_server_helper import LiveServer
from selenium.webdriver import Chrome
from selenium.webdriver.common.keys import Keys

from personalization.segments.models import ListUpload, Segment
from tests.browser.keyboard import Keyboard
from tests.browser.test_marketers_day import sign_in
from tests.browser.test_rule_builder import choose_fact
from tests.rules.test_contradicting import country

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
PASTE = """
    const field = document.getElementById("id_pasted");
    field.value = Array.from({ length: 300000 }, (_, n) => `user-${n}`).join("\\n");
    field.dispatchEvent(new Event("input", { bubbles: true }));
"""
SHOWN = """
    const value = document.querySelector('[data-field="value"]');
    return [value.querySelector("[name]").value, value.querySelector("p[data-key]").textContent];
"""
LIST = ".picker__list:not([hidden]) .picker__option"


@pytest.fixture
def keys(browser: Chrome, live_server: LiveServer, transactional_db: None) -> Keyboard:
    marketer = User.objects.create_user("marketer", password="lantern-light", is_staff=True)
    marketer.groups.add(Group.objects.get(name="Marketer"))
    rule = {"all": [country("equals", "France")]}
    Segment.objects.bulk_create(
        Segment(name=f"Visitors of shelf {n}", key=f"shelf-{n}", rule=rule) for n in range(5_000)
    )
    typing = Keyboard(browser)
    sign_in(typing, live_server.url, "marketer")
    return typing


def chosen(keys: Keyboard) -> list[str]:
    ticked = "return [...document.querySelectorAll('.picker__chosen input:checked')]"
    return list(keys.browser.execute_script(f"{ticked}.map((one) => one.value)"))


def pick(keys: Keyboard, field: str, text: str, first: str) -> None:
    keys.fill(field, text)
    found = f"return document.querySelector('{LIST}')?.dataset.key"
    keys.wait_until(lambda: keys.browser.execute_script(found) == first)
    keys.type(Keys.ENTER)
    keys.wait_until(lambda: first in chosen(keys))


def test_segments_are_found_chosen_and_taken_back_by_keyboard(
    keys: Keyboard, live_server: LiveServer
) -> None:
    keys.browser.get(f"{live_server.url}/admin/segments/segment/overlap/")

    pick(keys, "#id_segments", "shelf 4711", "shelf-4711")
    pick(keys, "#id_segments", "4712", "shelf-4712")
    pick(keys, "#id_segments", "4713", "shelf-4713")
    spoken = keys.browser.execute_script("return document.querySelector('.picker__said').innerText")
    keys.browser.execute_script("document.querySelector('.picker__chosen input').focus()")
    keys.type(Keys.SPACE)

    assert "Visitors of shelf 4713 is chosen; 3 in all." in spoken
    assert chosen(keys) == ["shelf-4712", "shelf-4713"]
    keys.browser.execute_script("document.getElementById('id_segments').form.requestSubmit()")
    keys.wait_for("Two by two")
    assert chosen(keys) == ["shelf-4712", "shelf-4713"]


def test_a_paste_that_no_form_carries_becomes_the_file(
    keys: Keyboard, live_server: LiveServer
) -> None:
    keys.browser.get(f"{live_server.url}/admin/segments/segment/add/?kind=static")
    keys.fill("#id_name", "VIPs")
    keys.browser.execute_script(PASTE)
    keys.wait_for("It is now the file “pasted.txt” below, with nothing lost.")

    keys.browser.execute_script("document.getElementById('id_name').form.requestSubmit()")

    keys.wait_until(ListUpload.objects.exists)
    upload = ListUpload.objects.get()
    assert (upload.note, upload.segment.name) == ("Uploaded pasted.txt", "VIPs")
    assert upload.size == sum(len(f"user-{n}\n") for n in range(300_000)) - 1


def test_a_condition_names_a_segment_found_by_name_or_key(
    keys: Keyboard, live_server: LiveServer
) -> None:
    keys.browser.get(f"{live_server.url}/admin/segments/segment/add/")
    choose_fact(keys.browser, 0, "another segment", "segment")

    keys.fill("#id_rule-0-value", "shelf-4711")
    found = f"return document.querySelector('{LIST}')?.textContent"
    keys.wait_until(lambda: "shelf 4711 shelf-4711" in str(keys.browser.execute_script(found)))
    keys.type(Keys.ENTER)

    keys.wait_for("In the segment “Visitors of shelf 4711”.")
    assert keys.browser.execute_script(SHOWN) == ["Visitors of shelf 4711", "shelf-4711"]
    written = keys.browser.find_element("name", "rule-json").get_property("value")
    assert '"value": "shelf-4711"' in str(written)
    choose_fact(keys.browser, 0, "persona", "persona")
    assert keys.browser.find_element("id", "id_rule-0-value").get_attribute("role") is None
