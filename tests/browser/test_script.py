"""What the browser script tells of a page of another site, in a real browser."""

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from tests.browser.driving import (
    ELSEWHERE,
    arrived,
    open_agreed,
    run,
    wait,
)
from tests.browser.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_clicks_forms_depth_and_time_are_told_and_nothing_that_was_written(
    browser: Chrome, site: Site
) -> None:
    open_agreed(browser, site.url)
    run(
        browser,
        "document.querySelector('form').addEventListener('submit', (e) => e.preventDefault())",
    )
    run(
        browser,
        "document.getElementById('buy').addEventListener('click', (e) => e.preventDefault())",
    )

    browser.find_element(By.ID, "unmarked").click()
    browser.find_element(By.ID, "buy").click()
    browser.find_element(By.CSS_SELECTOR, "#letter button").click()
    run(browser, "scrollTo(0, document.documentElement.scrollHeight / 2)")
    wait(browser, lambda: arrived("scroll"))
    run(browser, "scrollTo(0, 0); scrollTo(0, document.documentElement.scrollHeight)")
    wait(browser, lambda: len(arrived("scroll")) == 4)
    browser.get(ELSEWHERE)
    wait(browser, lambda: arrived("page_leave"))

    (click,) = arrived("click")
    assert click.properties == {"label": "buy", "to": "/basket", "item_id": "1001"}
    (form,) = arrived("form_submit")
    assert form.properties == {"form": "letter", "to": "/thanks"}
    assert [event.properties["depth"] for event in arrived("scroll")] == [25, 50, 75, 100]
    (leave,) = arrived("page_leave")
    assert leave.properties["visible_seconds"] > 0


def test_time_in_the_background_is_not_time_on_the_page(browser: Chrome, site: Site) -> None:
    open_agreed(browser, site.url)
    wait(browser, lambda: arrived("page_view"))
    page = browser.current_window_handle

    browser.switch_to.new_window("tab")
    wait(browser, lambda: run(browser, "return performance.now() > 3000"))
    browser.close()
    browser.switch_to.window(page)
    browser.get(ELSEWHERE)
    wait(browser, lambda: arrived("page_leave"))

    (view,), (leave,) = arrived("page_view"), arrived("page_leave")
    elapsed = (leave.occurred_at - view.occurred_at).total_seconds()
    assert elapsed > 3
    assert 0 < leave.properties["visible_seconds"] < elapsed - 2


def test_a_block_is_seen_when_half_of_it_was_there_for_a_second(
    browser: Chrome, site: Site
) -> None:
    open_agreed(browser, site.url)
    # Scrolled past, and then only a quarter of it in sight.
    run(browser, "document.getElementById('block').scrollIntoView(); scrollTo(0, 0)")
    run(browser, "scrollTo(0, document.getElementById('block').offsetTop - innerHeight + 50)")
    wait(browser, lambda: run(browser, "return performance.now() > 3000"))
    assert not arrived("impression")

    run(browser, "document.getElementById('block').scrollIntoView()")
    wait(browser, lambda: arrived("impression"))

    (seen,) = arrived("impression")
    assert seen.properties == {
        "placement": "hero",
        "activity": "lanterns",
        "variation": "warm",
        "decision_id": "d-1",
    }


def test_a_block_that_comes_later_is_seen_too(browser: Chrome, site: Site) -> None:
    open_agreed(browser, site.url)

    run(
        browser,
        "const block = document.createElement('div'); block.textContent = 'Bags';"
        "Object.assign(block.dataset, {placement: 'strip', activity: 'bags'});"
        "document.body.prepend(block)",
    )

    wait(browser, lambda: arrived("impression"))
    assert arrived("impression")[0].properties == {"placement": "strip", "activity": "bags"}


def test_steps_within_one_page_are_page_views(browser: Chrome, site: Site) -> None:
    open_agreed(browser, site.url)
    wait(browser, lambda: arrived("page_view"))

    run(browser, "history.pushState({}, '', '/two')")
    wait(browser, lambda: len(arrived("page_view")) == 2)
    run(browser, "history.replaceState({}, '', '/three'); history.replaceState({}, '', '/three')")
    wait(browser, lambda: len(arrived("page_view")) == 3)
    run(browser, "history.replaceState({}, '', '/three#part')")
    browser.back()

    wait(browser, lambda: len(arrived("page_view")) == 4)
    views = [event.context for event in arrived("page_view")]
    assert [context["page"] for context in views] == ["/", "/two", "/three", "/"]
    assert views[1]["referrer"] == "internal"
    left = [event.context["page"] for event in arrived("page_leave")]
    assert left == ["/", "/two", "/three"]


def test_a_tag_manager_that_keeps_only_the_address_is_enough(browser: Chrome, site: Site) -> None:
    open_agreed(browser, f"{site.url}/by-address")

    wait(browser, lambda: arrived("page_view"))


def test_no_policy_of_the_page_is_broken(browser: Chrome, site: Site) -> None:
    open_agreed(browser, f"{site.url}/google")
    wait(browser, lambda: arrived("page_view"))

    log = str(browser.get_log("browser"))  # type: ignore[no-untyped-call]

    assert "Content Security Policy" not in log
    assert "CORS" not in log
