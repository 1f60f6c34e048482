"""The event table, partitioned by month from the first day."""

import django.contrib.postgres.fields
from django.db import migrations, models

PARTITIONED = """
    CREATE TABLE events_event (
        id uuid NOT NULL,
        occurred_at timestamptz NOT NULL,
        received_at timestamptz NOT NULL,
        profile_id bigint NOT NULL,
        type varchar(64) NOT NULL,
        item_id varchar(64) NOT NULL,
        value numeric(14, 2),
        properties jsonb NOT NULL,
        context jsonb NOT NULL,
        purposes varchar(32)[] NOT NULL,
        PRIMARY KEY (id, occurred_at)
    ) PARTITION BY RANGE (occurred_at);
    CREATE INDEX event_profile_time ON events_event (profile_id, occurred_at);
    CREATE INDEX event_type_time ON events_event (type, occurred_at);
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []

    operations = [
        migrations.CreateModel(
            name="SeenMessage",
            fields=[("id", models.UUIDField(primary_key=True, serialize=False))],
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(PARTITIONED, "DROP TABLE events_event")],
            state_operations=[
                migrations.CreateModel(
                    name="Event",
                    fields=[
                        ("id", models.UUIDField(primary_key=True, serialize=False)),
                        ("occurred_at", models.DateTimeField()),
                        ("received_at", models.DateTimeField()),
                        ("profile_id", models.BigIntegerField()),
                        ("type", models.CharField(max_length=64)),
                        ("item_id", models.CharField(blank=True, max_length=64)),
                        (
                            "value",
                            models.DecimalField(decimal_places=2, max_digits=14, null=True),
                        ),
                        ("properties", models.JSONField()),
                        ("context", models.JSONField()),
                        (
                            "purposes",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=32), size=None
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "event",
                        "indexes": [
                            models.Index(
                                fields=["profile_id", "occurred_at"], name="event_profile_time"
                            ),
                            models.Index(fields=["type", "occurred_at"], name="event_type_time"),
                        ],
                    },
                ),
            ],
        ),
    ]
