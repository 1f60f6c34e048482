"""What is live by itself, the policy's one row, and the lists a profile is on."""

from django.db import migrations

LIVE = """
INSERT INTO segments_liveentry (section, key, definition, version)
SELECT section.key, entry.key, entry.value,
    COALESCE((SELECT max(version) FROM segments_publication
        WHERE changes ? (section.key || '/' || entry.key)), latest.version)
FROM (SELECT version, document FROM segments_publication ORDER BY version DESC LIMIT 1) latest,
    jsonb_each(latest.document) section, jsonb_each(section.value) entry
"""
POLICY = "INSERT INTO segments_publishingpolicy (id, needs_approval) VALUES (1, FALSE)"

RELIST = """
CREATE FUNCTION segments_relist(profiles bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- In the order of ids, as the consumer does, so that neither waits for the other for ever.
    PERFORM 1 FROM profiles_profile WHERE id = ANY(profiles) ORDER BY id FOR UPDATE;
    UPDATE profiles_profile p SET facts = jsonb_set(p.facts, '{lists}', now_on.lists)
    FROM (
        SELECT one.id, COALESCE(found.lists, '[]'::jsonb) AS lists
        FROM unnest(profiles) AS one(id) LEFT JOIN (
            SELECT i.profile_id, jsonb_agg(DISTINCT l.key ORDER BY l.key) AS lists
            FROM profiles_profileidentifier i
            JOIN segments_listmember m ON m.pseudonym = i.pseudonym
            JOIN segments_memberlist l ON l.id = m.member_list_id
            WHERE i.profile_id = ANY(profiles) GROUP BY i.profile_id
        ) AS found ON found.profile_id = one.id
    ) AS now_on
    WHERE p.id = now_on.id AND COALESCE(p.facts->'lists', '[]'::jsonb) <> now_on.lists;
END $$;

CREATE FUNCTION segments_identified() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    met bigint[];
BEGIN
    SELECT array_agg(DISTINCT came.profile_id) INTO met
    FROM came JOIN segments_listmember m ON m.pseudonym = came.pseudonym;
    IF met IS NOT NULL THEN
        PERFORM segments_relist(met);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION segments_moved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    met bigint[];
BEGIN
    -- Both sides whole: a merge writes the facts of the one that stays before its identifiers come.
    IF EXISTS (SELECT 1 FROM segments_listmember) THEN
        SELECT array_agg(DISTINCT profile_id) INTO met
        FROM (SELECT profile_id FROM came UNION SELECT profile_id FROM went) AS both_sides;
        IF met IS NOT NULL THEN
            PERFORM segments_relist(met);
        END IF;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION segments_left() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    met bigint[];
BEGIN
    SELECT array_agg(DISTINCT went.profile_id) INTO met
    FROM went JOIN segments_listmember m ON m.pseudonym = went.pseudonym;
    IF met IS NOT NULL THEN
        PERFORM segments_relist(met);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER segments_identified AFTER INSERT ON profiles_profileidentifier
    REFERENCING NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION segments_identified();
CREATE TRIGGER segments_moved AFTER UPDATE ON profiles_profileidentifier
    REFERENCING NEW TABLE AS came OLD TABLE AS went
    FOR EACH STATEMENT EXECUTE FUNCTION segments_moved();
CREATE TRIGGER segments_left AFTER DELETE ON profiles_profileidentifier
    REFERENCING OLD TABLE AS went FOR EACH STATEMENT EXECUTE FUNCTION segments_left();
"""
UNLIST = """
DROP TRIGGER segments_identified ON profiles_profileidentifier;
DROP TRIGGER segments_moved ON profiles_profileidentifier;
DROP TRIGGER segments_left ON profiles_profileidentifier;
DROP FUNCTION segments_identified();
DROP FUNCTION segments_moved();
DROP FUNCTION segments_left();
DROP FUNCTION segments_relist(bigint[]);
"""


class Migration(migrations.Migration):
    """SQL only."""

    dependencies = [
        ("segments", "0004_approval_and_lists"),
        ("profiles", "0002_has_unkept_acts"),
    ]

    operations = [
        migrations.RunSQL(LIVE, migrations.RunSQL.noop),
        migrations.RunSQL(POLICY, migrations.RunSQL.noop),
        migrations.RunSQL(RELIST, UNLIST),
    ]
