"""Proof that can be changed is none: the database itself refuses."""

from django.db import migrations

TABLES = (
    "consent_consentrecord",
    "consent_notice",
    "consent_privacyrequesttransition",
    "consent_receipt",
)
FUNCTION = """
CREATE FUNCTION consent_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END
$$
"""
TRIGGER = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION consent_refuse_change()
"""


class Migration(migrations.Migration):
    dependencies = [("consent", "0002_purposes_and_first_notice")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION consent_refuse_change()"),
        *(
            migrations.RunSQL(TRIGGER.format(table=table), f"DROP TRIGGER append_only ON {table}")
            for table in TABLES
        ),
    ]
