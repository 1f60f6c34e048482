"""Print the address of a pixel, for mailing systems that are not Django."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from personalization.doors.pixel import pixel_address
from personalization.vault.naming import holds_address


class Command(BaseCommand):
    """Print the address of a pixel for one person."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """Say who, what and where."""
        parser.add_argument("type", help="such as email_open")
        parser.add_argument("--user-id", default="")
        parser.add_argument("--anonymous-id", default="")
        parser.add_argument("--once", default="", help="count it once for this, such as a mailing")
        parser.add_argument("--host", default="", help="such as https://shop.example")
        parser.add_argument("--key", default=settings.COLLECT_KEY, help="scope collect")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print it."""
        if not (options["user_id"] or options["anonymous_id"]):
            raise CommandError("Say who: --user-id, --anonymous-id or both.")
        if not options["key"]:
            raise CommandError("COLLECT_KEY is not set. Give a key with the scope collect: --key.")
        if any(holds_address(options[name]) for name in ("user_id", "anonymous_id")):
            self.stderr.write(
                "This id is an e-mail address. Whoever sees the address of the pixel can read it:"
                " it is signed, not encrypted. Use an id that says nothing."
            )
        names = ("key", "type", "user_id", "anonymous_id", "once", "host")
        self.stdout.write(pixel_address(**{name: options[name] for name in names}))
