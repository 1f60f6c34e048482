"""What marketers write cannot hurt visitors."""

import pytest
from django.core.exceptions import ValidationError

from personalization.content.sanitising import (
    check_link,
    check_no_template_code,
    removed_parts,
    sanitise,
)


@pytest.mark.parametrize(
    ("html", "safe"),
    [
        ("<p>Hello <b>you</b></p>", "<p>Hello <b>you</b></p>"),
        ("<script>alert(1)</script><p>x</p>", "<p>x</p>"),
        ('<img src="/a.png" onerror="alert(1)">', '<img src="/a.png">'),
        ('<p style="position:fixed">x</p>', "<p>x</p>"),
        ('<iframe src="https://x.example"></iframe>', ""),
        ("<svg><script>alert(1)</script></svg>", ""),
    ],
)
def test_only_harmless_html_stays(html: str, safe: str) -> None:
    assert sanitise(html) == safe
    assert sanitise(safe) == safe


@pytest.mark.parametrize("address", ["javascript:alert(1)", "java\nscript:alert(1)", "data:a"])
def test_links_in_html_cannot_run_code(address: str) -> None:
    cleaned = sanitise(f'<a href="{address}">x</a>')

    assert "href" not in cleaned


def test_what_is_removed_is_named() -> None:
    html = '<p onclick="x()">a</p><script>b</script><a href="javascript:c">d</a><b>e</b>'

    assert removed_parts(html) == ["<script>", "javascript:c", "onclick"]
    assert removed_parts('<p class="a">b <a href="/c?d=e:f">g</a></p>') == []


@pytest.mark.parametrize("text", ["{{ user.password }}", "{% include 'x' %}", "{# x #}"])
def test_template_code_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="template code does not work here"):
        check_no_template_code(text)


@pytest.mark.parametrize("link", ["/", "/category/mugs?a=b#c", "https://example.com/a", "http://a"])
def test_own_pages_and_web_addresses_are_links(link: str) -> None:
    check_link(link)


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "//evil.example",
        "/\\evil.example",
        "https:///evil",
        "https://",
        "http://[",
        "mugs",
        "data:text/html,x",
        "/a b",
        "\u0001/a",
        "https://a\\@b",
    ],
)
def test_other_addresses_are_refused(link: str) -> None:
    with pytest.raises(ValidationError):
        check_link(link)
