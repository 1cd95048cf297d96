-- A release is for the recipient it was asked for, from its first moment to its last.

CREATE OR REPLACE FUNCTION contributions_release_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'UPDATE' THEN
        RAISE EXCEPTION 'a release is kept' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (NEW.id, NEW.call_id, NEW.purpose, NEW.kind, NEW.requested_by_id, NEW.requested_at
        , NEW.recipient)
       IS DISTINCT FROM
       (OLD.id, OLD.call_id, OLD.purpose, OLD.kind, OLD.requested_by_id, OLD.requested_at
        , OLD.recipient) THEN
        RAISE EXCEPTION 'what release % is does not change', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state IN ('published', 'superseded', 'refused', 'failed') AND NOT (
        OLD.state = 'published' AND NEW.state = 'superseded'
        AND to_jsonb(NEW) - ARRAY['state', 'superseded_at']
            = to_jsonb(OLD) - ARRAY['state', 'superseded_at']
    ) THEN
        RAISE EXCEPTION 'release % stands as it was %', OLD.id, OLD.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state = 'published' AND OLD.state <> 'building' THEN
        RAISE EXCEPTION 'release % has not been built', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
