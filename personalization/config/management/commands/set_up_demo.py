"""manage.py set_up_demo: load the demo's data and train the first model, once."""

import time
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from personalization.config.demo.access import VOUCHED, write_access
from personalization.config.demo.activities import make_activities

FEEDS: Final = settings.VAR_DIR / "demo"
LOADED: Final = FEEDS / "loaded"


class Command(BaseCommand):
    """Every step may be repeated; those that take long run until they succeeded once."""

    help = "Load the demo's data and train the first model. The consumer must be running."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare where the shop will be served."""
        parser.add_argument("--url", default="http://localhost:8000")

    def handle(self, *args: Any, url: str, **options: Any) -> None:
        """Run the steps, saying what each does and how long it took."""
        always: list[tuple[str, Callable[[], object]]] = [
            ("Collecting styles and scripts", self._collect_static),
            ("Making logins and keys", lambda: write_access(folder=settings.VAR_DIR, url=url)),
        ]
        once: list[tuple[str, Callable[[], object]]] = [
            ("Turning Online Retail into feeds", self._make_feeds),
            ("Importing the catalogue", self._import_catalog),
            ("Importing a year of purchases", self._import_events),
            ("Scoring its buyers", lambda: call_command("score_profiles")),
            ("Publishing segments and activities", lambda: make_activities(now=timezone.now())),
            ("Training the first model", lambda: call_command("retrain_recommender")),
        ]
        steps = always if LOADED.exists() else always + once
        for number, (title, step) in enumerate(steps, start=1):
            self._run(f"[{number}/{len(steps)}] {title}", step)
        LOADED.touch()

    def _run(self, title: str, step: Callable[[], object]) -> None:
        self.stdout.write(f"{title} ...")
        self.stdout.flush()
        started = time.monotonic()
        step()
        self.stdout.write(f"    {time.monotonic() - started:.1f} s")

    def _collect_static(self) -> None:
        call_command("collectstatic", verbosity=0, interactive=False)

    def _make_feeds(self) -> None:
        call_command("make_demo_feeds", out=FEEDS)

    def _import_catalog(self) -> None:
        call_command("import_catalog", str(FEEDS / "catalog.jsonl"))

    def _import_events(self) -> None:
        # The data set's customers are long past being asked; a real shop vouches only for people
        # who agreed.
        call_command(
            "import_events", str(FEEDS / "events.jsonl.gz"), vouch=",".join(VOUCHED), wait=True
        )
