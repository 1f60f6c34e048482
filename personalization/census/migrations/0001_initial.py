"""Rows, their slots, and the log of what changed since."""

import django.db.models.deletion
from django.db import migrations, models

AMOUNTS, VALUES = 64, 32
# Texts first: most conditions ask for one, and a column costs as much as all those before it.
COLUMNS = ", ".join(
    f"{letter}{number} {kind}"
    for letter, kind, count in (
        ("t", 'text COLLATE "C"', VALUES),
        ("a", "double precision", AMOUNTS),
        ("n", "double precision", VALUES),
        ("b", "boolean", VALUES),
        ("m", "jsonb", VALUES),
    )
    for number in range(count)
)
# The database itself takes the row away with its profile. Room is left in each page, so that a row
# is rewritten beside itself.
ROW = f"""
    CREATE TABLE census_row (
        profile_id bigint PRIMARY KEY
            REFERENCES profiles_profile (id) ON DELETE CASCADE,
        day integer NOT NULL,
        {COLUMNS}
    ) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05);
"""
NOTE_CHANGES = """
    CREATE FUNCTION census_note_changes() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO census_change (profile_id) SELECT id FROM changed;
        RETURN NULL;
    END $$;
    CREATE TRIGGER census_inserted AFTER INSERT ON profiles_profile
        REFERENCING NEW TABLE AS changed
        FOR EACH STATEMENT EXECUTE FUNCTION census_note_changes();
    CREATE TRIGGER census_updated AFTER UPDATE ON profiles_profile
        REFERENCING NEW TABLE AS changed
        FOR EACH STATEMENT EXECUTE FUNCTION census_note_changes();
"""
NOTE_NOTHING = """
    DROP TRIGGER census_inserted ON profiles_profile;
    DROP TRIGGER census_updated ON profiles_profile;
    DROP FUNCTION census_note_changes();
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = [("profiles", "0004_merges_can_be_undone")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(ROW, "DROP TABLE census_row")],
            state_operations=[
                migrations.CreateModel(
                    name="Row",
                    fields=[
                        (
                            "profile",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="+",
                                serialize=False,
                                to="profiles.profile",
                            ),
                        ),
                        ("day", models.IntegerField()),
                    ],
                ),
            ],
        ),
        migrations.CreateModel(
            name="Change",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("profile_id", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Slot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "shape",
                    models.CharField(
                        choices=[("amount", "amount"), ("value", "value")], max_length=8
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("fact", models.TextField(unique=True)),
                ("made_by", models.CharField(max_length=64)),
                ("is_filled", models.BooleanField(default=False)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("shape", "number"), name="slot_holds_one_fact")
                ],
            },
        ),
        migrations.CreateModel(
            name="Layout",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.BigIntegerField(default=0)),
                ("day", models.IntegerField(default=0)),
                ("is_turned", models.BooleanField(default=False)),
                ("cursor", models.BigIntegerField(default=None, null=True)),
            ],
        ),
        migrations.RunSQL(NOTE_CHANGES, NOTE_NOTHING),
    ]
