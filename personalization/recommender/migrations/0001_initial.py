"""Vectors of profiles."""

import django.db.models.deletion
from django.db import migrations, models

# Deletes in the database, whoever deletes the profile and by whatever means.
PROFILE_KEY = """
    ALTER TABLE recommender_representation ADD CONSTRAINT representation_of_a_profile
    FOREIGN KEY (profile_id) REFERENCES profiles_profile (id) ON DELETE CASCADE
    DEFERRABLE INITIALLY DEFERRED
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = [("learning", "0001_initial"), ("profiles", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Representation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("profile_id", models.BigIntegerField()),
                ("vector", models.BinaryField()),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="representations",
                        to="learning.modelversion",
                    ),
                ),
            ],
            options={
                "verbose_name": "representation",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("profile_id", "version"), name="one_representation_in_a_version"
                    )
                ],
            },
        ),
        migrations.RunSQL(
            PROFILE_KEY,
            "ALTER TABLE recommender_representation DROP CONSTRAINT representation_of_a_profile",
        ),
    ]
