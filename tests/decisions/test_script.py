"""GET /t.js: the browser script as it is served."""

import gzip

from django.test import Client

LARGEST = 6_000


def test_the_script_is_under_six_kilobytes_and_the_same_for_everyone(client: Client) -> None:
    packed = client.get("/t.js", headers={"Accept-Encoding": "gzip, br"})
    plain = client.get("/t.js")

    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.content) < LARGEST
    assert gzip.decompress(packed.content) == plain.content
    assert packed.cookies == {}
    assert "Cookie" not in packed.headers["Vary"]
    assert packed.headers["Content-Type"].startswith("text/javascript")


def test_a_browser_that_has_the_script_does_not_load_it_again(client: Client) -> None:
    etag = client.get("/t.js").headers["ETag"]

    assert client.get("/t.js", headers={"If-None-Match": etag}).status_code == 304


def test_a_page_with_a_strict_policy_can_run_the_script(client: Client) -> None:
    source = client.get("/t.js").content.decode()

    assert not [
        word for word in ("eval(", "new Function", "innerHTML", ".cookie") if word in source
    ]
