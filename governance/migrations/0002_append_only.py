"""What the database refuses, whoever asks: changing, deleting or emptying what is append-only."""

from __future__ import annotations

from django.db import migrations

APPEND_ONLY = (
    "logcheckpoint",
    "logaudit",
    "notice",
    "consent",
    "consentevent",
    "report",
    "algorithmversion",
)

FUNCTIONS = """
CREATE SEQUENCE governance_log_origin AS bigint MINVALUE 0 START 0;

CREATE FUNCTION governance_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION governance_consent_transition() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before governance_consentevent;
BEGIN
    SELECT * INTO before FROM governance_consentevent
        WHERE consent_id = NEW.consent_id ORDER BY position DESC LIMIT 1;
    IF NEW.position <> coalesce(before.position, 0) + 1 OR NOT (CASE
        WHEN before.state IS NULL THEN NEW.state IN ('given', 'refused')
        WHEN before.state = 'given' THEN NEW.state = 'withdrawn'
        ELSE NEW.state = 'given'
    END) THEN
        RAISE EXCEPTION 'consent % cannot go from % to %', NEW.consent_id, before.state, NEW.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""

DROP_FUNCTIONS = """
DROP FUNCTION governance_consent_transition;
DROP FUNCTION governance_refuse;
DROP SEQUENCE governance_log_origin;
"""

# An update of an entry is let through only if it gives a place to an entry that had none and
# leaves everything else as it was. The condition is evaluated without calling a function, so
# that giving a million places stays cheap.
LOG = """
ALTER TABLE governance_logentry ADD CONSTRAINT log_entry_hash_of_body
    CHECK (leaf_hash = sha256('\\x00'::bytea || body));

CREATE TRIGGER log_entry_changed BEFORE UPDATE ON governance_logentry FOR EACH ROW
    WHEN (NOT (
        OLD.index IS NULL AND NEW.index IS NOT NULL
        AND (NEW.id, NEW.origin_seq, NEW.kind, NEW.recorded_at, NEW.body, NEW.leaf_hash)
            IS NOT DISTINCT FROM
            (OLD.id, OLD.origin_seq, OLD.kind, OLD.recorded_at, OLD.body, OLD.leaf_hash)
    )) EXECUTE FUNCTION governance_refuse();
CREATE TRIGGER log_entry_born_with_place BEFORE INSERT ON governance_logentry FOR EACH ROW
    WHEN (NEW.index IS NOT NULL) EXECUTE FUNCTION governance_refuse();
CREATE TRIGGER log_entry_deleted BEFORE DELETE ON governance_logentry
    FOR EACH STATEMENT EXECUTE FUNCTION governance_refuse();
CREATE TRIGGER log_entry_emptied BEFORE TRUNCATE ON governance_logentry
    FOR EACH STATEMENT EXECUTE FUNCTION governance_refuse();
ALTER TABLE governance_logentry ENABLE ALWAYS TRIGGER log_entry_changed;
ALTER TABLE governance_logentry ENABLE ALWAYS TRIGGER log_entry_born_with_place;
ALTER TABLE governance_logentry ENABLE ALWAYS TRIGGER log_entry_deleted;
ALTER TABLE governance_logentry ENABLE ALWAYS TRIGGER log_entry_emptied;

ALTER TABLE governance_logtile ADD CONSTRAINT log_tile_whole_hashes
    CHECK (length(hashes) % 32 = 0 AND length(hashes) BETWEEN 32 AND 8192);
CREATE TRIGGER log_tile_changed BEFORE UPDATE ON governance_logtile FOR EACH ROW
    WHEN (NOT (
        (NEW.id, NEW.level, NEW.index) = (OLD.id, OLD.level, OLD.index)
        AND substring(NEW.hashes FROM 1 FOR length(OLD.hashes)) = OLD.hashes
    )) EXECUTE FUNCTION governance_refuse();
CREATE TRIGGER log_tile_deleted BEFORE DELETE ON governance_logtile
    FOR EACH STATEMENT EXECUTE FUNCTION governance_refuse();
CREATE TRIGGER log_tile_emptied BEFORE TRUNCATE ON governance_logtile
    FOR EACH STATEMENT EXECUTE FUNCTION governance_refuse();
ALTER TABLE governance_logtile ENABLE ALWAYS TRIGGER log_tile_changed;
ALTER TABLE governance_logtile ENABLE ALWAYS TRIGGER log_tile_deleted;
ALTER TABLE governance_logtile ENABLE ALWAYS TRIGGER log_tile_emptied;

CREATE TRIGGER consent_transition BEFORE INSERT ON governance_consentevent FOR EACH ROW
    EXECUTE FUNCTION governance_consent_transition();
ALTER TABLE governance_consentevent ENABLE ALWAYS TRIGGER consent_transition;
"""

DROP_LOG = """
DROP TRIGGER consent_transition ON governance_consentevent;
DROP TRIGGER log_tile_changed ON governance_logtile;
DROP TRIGGER log_tile_deleted ON governance_logtile;
DROP TRIGGER log_tile_emptied ON governance_logtile;
ALTER TABLE governance_logtile DROP CONSTRAINT log_tile_whole_hashes;
DROP TRIGGER log_entry_changed ON governance_logentry;
DROP TRIGGER log_entry_born_with_place ON governance_logentry;
DROP TRIGGER log_entry_deleted ON governance_logentry;
DROP TRIGGER log_entry_emptied ON governance_logentry;
ALTER TABLE governance_logentry DROP CONSTRAINT log_entry_hash_of_body;
"""


def append_only(table: str) -> str:
    return f"""
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON governance_{table}
    FOR EACH STATEMENT EXECUTE FUNCTION governance_refuse();
ALTER TABLE governance_{table} ENABLE ALWAYS TRIGGER {table}_append_only;
"""


def drop_append_only(table: str) -> str:
    return f"DROP TRIGGER {table}_append_only ON governance_{table};"


class Migration(migrations.Migration):
    dependencies = [("governance", "0001_initial")]

    operations = [
        migrations.RunSQL(FUNCTIONS, DROP_FUNCTIONS),
        migrations.RunSQL(LOG, DROP_LOG),
        migrations.RunSQL(
            "".join(map(append_only, APPEND_ONLY)), "".join(map(drop_append_only, APPEND_ONLY))
        ),
    ]
