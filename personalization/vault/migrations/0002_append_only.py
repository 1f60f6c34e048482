"""Proof that can be changed is none: the database itself refuses."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("vault", "0001_initial"), ("consent", "0003_append_only")]

    operations = [
        migrations.RunSQL(
            "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON vault_look"
            " FOR EACH ROW EXECUTE FUNCTION consent_refuse_change()",
            "DROP TRIGGER append_only ON vault_look",
        ),
    ]
