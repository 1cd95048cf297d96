-- Most entries come one at a time: for one row a table of new rows costs more than the row.
DROP TRIGGER log_entry_queued ON governance_logentry;
CREATE OR REPLACE FUNCTION governance_log_queue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO governance_logwaiting (origin_seq, leaf_hash)
        VALUES (NEW.origin_seq, NEW.leaf_hash);
    RETURN NULL;
END $$;
CREATE TRIGGER log_entry_queued AFTER INSERT ON governance_logentry
    FOR EACH ROW EXECUTE FUNCTION governance_log_queue();
ALTER TABLE governance_logentry ENABLE ALWAYS TRIGGER log_entry_queued;

-- One entry with what opens it. Its number of origin is given here, between the two parts of its
-- bytes; nobody has to fetch it first, and the statements inside are planned once a connection.
CREATE FUNCTION governance_log_record(
    entry uuid, kind text, moment timestamptz, head bytea, tail bytea,
    actor uuid, actor_sealed bytea, subject uuid, subject_sealed bytea
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    origin bigint := nextval('governance_log_origin');
    body bytea := head || convert_to(origin::text, 'UTF8') || tail;
BEGIN
    INSERT INTO governance_logentry (id, origin_seq, kind, recorded_at, body, leaf_hash)
        VALUES (entry, origin, kind, moment, body, sha256('\x00'::bytea || body));
    IF actor_sealed IS NOT NULL THEN
        INSERT INTO governance_logopening (entry_id, part, owner, sealed)
            VALUES (entry, 'actor', actor, actor_sealed);
    END IF;
    IF subject_sealed IS NOT NULL THEN
        INSERT INTO governance_logopening (entry_id, part, owner, sealed)
            VALUES (entry, 'subject', subject, subject_sealed);
    END IF;
    RETURN origin;
END $$;
