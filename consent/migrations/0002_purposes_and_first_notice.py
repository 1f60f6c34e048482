"""The seven purposes, and the first notice."""

import hashlib
from typing import Any

from django.db import migrations

PURPOSES = {
    "necessary": (
        "Necessary",
        "Keeps the basket filled, the site safe and your privacy choices remembered."
        " The site does not work without it.",
    ),
    "functional": (
        "Comfort",
        "Remembers within your visit what you looked at, so that you find it again.",
    ),
    "analytics": (
        "Statistics",
        "Counts visits, views and purchases, so that we see what works and what does not.",
    ),
    "personalization": (
        "Personal content",
        "Remembers what you look at and buy, to show you products and offers that fit you.",
    ),
    "training": (
        "Better suggestions",
        "Lets our suggestions learn from what you look at and buy, for you and for others.",
    ),
    "advertising": (
        "Advertising",
        "Uses what you look at to choose the advertisements that you see elsewhere.",
    ),
    "sale_or_sharing": (
        "Sale or sharing",
        "Hands data about you to other companies for their own purposes.",
    ),
}
NOTICE = (
    "We would like to use what you look at and buy here. For what, you decide below, and you may"
    " change your mind at any time on this page. Without your agreement we do only what is"
    " necessary: no profile is made, and everything in the shop works.\n"
    "What you choose is kept for six months, then we ask again. You may also ask us to delete"
    " everything we hold about you."
)


def add(apps: Any, schema_editor: Any) -> None:
    """Add what is not there yet."""
    privilege = apps.get_model("consent", "Privilege")
    for key, (name, description) in PURPOSES.items():
        privilege.objects.get_or_create(
            key=key, defaults={"name": name, "description": description}
        )
    apps.get_model("consent", "Notice").objects.create(
        version=1, locale="en", text=NOTICE, sha256=hashlib.sha256(NOTICE.encode()).hexdigest()
    )


class Migration(migrations.Migration):
    dependencies = [("consent", "0001_initial")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
