"""A site that is not rendered here: plain pages under another origin, with a strict policy."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import Final

BLOCK: Final = (
    'data-placement="hero" data-activity="lanterns" data-variation="warm" data-decision="d-1"'
)
BODY: Final = f"""
<a id="buy" href="/basket?session=secret" data-track-click="buy" data-item="1001">Buy</a>
<a id="unmarked" href="#here">Elsewhere</a>
<form id="letter" action="/thanks"><input name="email" value="anna@example.com"><button>Go</button>
</form>
<div style="height: 3000px"></div>
<div id="block" style="height: 200px" {BLOCK}>Lanterns</div>
<div style="height: 3000px"></div>
"""
# What a page does before the script is there, and what it does in vain.
EARLY: Final = """
(window.personalization = window.personalization || []).push(["consent", { analytics: true }]);
"""
GOOGLE: Final = """
window.dataLayer = window.dataLayer || [];
function gtag() { dataLayer.push(arguments); }
gtag("consent", "default", { analytics_storage: "denied" });
dataLayer.push({ event: "view_item", ecommerce: { items: [{ item_id: "1001", price: 3.5 }] } });
dataLayer.push(function () { return "what Tag Manager calls"; });
dataLayer.push({ event: "gtm.js", "gtm.start": 1 });
"""
SCRIPTS: Final = {"/early.js": EARLY, "/google.js": GOOGLE}


@dataclass(frozen=True, slots=True)
class Site:
    """Where the site is."""

    url: str


@contextmanager
def running_site(
    *, host: str, key: str, pages: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Site]:
    """Serve the site, with the tag of `host` on each page.

    /early and /google load a script of the same name first; /by-address has the key in the tag's
    address, as Tag Manager demands. `pages` are served as they stand.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            is_script = path.endswith(".js")
            made = SCRIPTS.get(path) or pages.get(path)
            text = made or _page(path, host=host, key=key)
            self.send_response(200)
            self.send_header("Content-Type", "text/javascript" if is_script else "text/html")
            self.send_header(
                "Content-Security-Policy",
                f"default-src 'none'; style-src 'unsafe-inline'; script-src 'self' {host};"
                f" connect-src {host}",
            )
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Site(f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        server.server_close()


def _page(path: str, *, host: str, key: str) -> str:
    first = f'<script src="{path}.js"></script>' if f"{path}.js" in SCRIPTS else ""
    named = f'src="{host}/t.js?key={key}"'
    tag = named if path == "/by-address" else f'src="{host}/t.js" data-key="{key}"'
    return (
        f"<!doctype html><title>Site</title><head>{first}<script async {tag}></script></head>"
        f"<body>{BODY}</body>"
    )
