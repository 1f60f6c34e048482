"""The kinds that every installation begins with; limits as Segment's."""

from django.db import migrations

NOBODY = "[0\\-\\s]*\nnull\nnone\nundefined\nnan\nanonymous\nguest"
KINDS = [
    ("user", "Account", 1),
    ("crm", "Customer number", 1),
    ("email", "E-mail address", 5),
    ("phone", "Phone number", 5),
    ("device", "Device", 5),
    ("anonymous", "Browser", 5),
]


def add(apps, schema_editor):
    kind = apps.get_model("identifiers", "IdentifierKind")
    kind.objects.bulk_create(
        kind(key=key, name=name, priority=priority, limit=limit, blocked=NOBODY)
        for priority, (key, name, limit) in enumerate(KINDS, start=1)
    )


class Migration(migrations.Migration):
    dependencies = [("identifiers", "0001_initial")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
