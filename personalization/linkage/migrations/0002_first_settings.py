"""What is compared until somebody says otherwise; measured on the FEBRL sets, docs/identity.md."""

from django.db import migrations

FIELDS = [
    ("first_name", "name"),
    ("last_name", "name"),
    ("street", "text"),
    ("city", "text"),
    ("postcode", "code"),
    ("birthday", "code"),
    ("email", "text"),
    ("phone", "code"),
]
BLOCKINGS = """birthday
email
phone
street
first_name, last_name
postcode, last_name
postcode, first_name
city, last_name
city, first_name"""


def add(apps, schema_editor):
    settings = apps.get_model("linkage", "LinkageSettings").objects.create(
        pk=1, blockings=BLOCKINGS
    )
    field = apps.get_model("linkage", "ComparedField")
    field.objects.bulk_create(
        field(settings=settings, name=name, comparison=comparison) for name, comparison in FIELDS
    )


class Migration(migrations.Migration):
    dependencies = [("linkage", "0001_initial")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
