"""Slots for yes or no and for two numbers, and a log of choices that changed."""

from django.db import migrations, models

FLAGS, PAIRS = 32, 16
COLUMNS = [
    *(f"{letter}{number} double precision" for number in range(PAIRS) for letter in "xy"),
    *(f"f{number} boolean" for number in range(FLAGS)),
]
ADD = f"ALTER TABLE census_row {', '.join(f'ADD COLUMN {one}' for one in COLUMNS)}"
DROP = f"ALTER TABLE census_row {', '.join(f'DROP COLUMN {one.split()[0]}' for one in COLUMNS)}"

# A choice is noted by its identifier, and who has the identifier is asked when the note is read:
# the two can come at the same moment, when neither sees the other.
FUNCTIONS = """
    CREATE FUNCTION census_note_choices() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO census_choicechange (pseudonym) SELECT DISTINCT pseudonym FROM changed;
        RETURN NULL;
    END $$;
    CREATE FUNCTION census_note_holders() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO census_change (profile_id) SELECT DISTINCT profile_id FROM changed;
        RETURN NULL;
    END $$;
    CREATE FUNCTION census_note_both_holders() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO census_change (profile_id)
            SELECT profile_id FROM before UNION SELECT profile_id FROM changed;
        RETURN NULL;
    END $$;
"""
DROP_FUNCTIONS = """
    DROP FUNCTION census_note_choices();
    DROP FUNCTION census_note_holders();
    DROP FUNCTION census_note_both_holders();
"""
NEW, OLD = "NEW TABLE AS changed", "OLD TABLE AS changed"
# Table, event, what the function sees of it, function. Records of choices are only ever added.
TRIGGERS = [
    ("consent_consentrecord", "INSERT", NEW, "choices"),
    ("consent_suppression", "INSERT", NEW, "choices"),
    ("consent_suppression", "UPDATE", NEW, "choices"),
    ("consent_suppression", "DELETE", OLD, "choices"),
    ("profiles_profileidentifier", "INSERT", NEW, "holders"),
    ("profiles_profileidentifier", "UPDATE", f"OLD TABLE AS before {NEW}", "both_holders"),
    ("profiles_profileidentifier", "DELETE", OLD, "holders"),
]
TRIGGER = """
    CREATE TRIGGER census_{event} AFTER {event} ON {table} REFERENCING {seen}
    FOR EACH STATEMENT EXECUTE FUNCTION census_note_{function}()
"""


class Migration(migrations.Migration):
    dependencies = [
        ("census", "0001_initial"),
        ("consent", "0003_append_only"),
        ("profiles", "0004_merges_can_be_undone"),
    ]

    operations = [
        migrations.RunSQL(ADD, DROP),
        migrations.AlterField(
            model_name="slot",
            name="shape",
            field=models.CharField(
                choices=[
                    ("amount", "amount"),
                    ("flag", "flag"),
                    ("pair", "pair"),
                    ("value", "value"),
                ],
                max_length=8,
            ),
        ),
        migrations.CreateModel(
            name="ChoiceChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("pseudonym", models.CharField(max_length=32)),
            ],
        ),
        migrations.RunSQL(FUNCTIONS, DROP_FUNCTIONS),
        *(
            migrations.RunSQL(
                TRIGGER.format(table=table, event=event, seen=seen, function=function),
                f"DROP TRIGGER census_{event} ON {table}",
            )
            for table, event, seen, function in TRIGGERS
        ),
    ]
