-- What was returned may be corrected; what is one record twice may change hands.

CREATE OR REPLACE FUNCTION contributions_contribution_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'contribution % is kept', OLD.receipt
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF (NEW.id, NEW.receipt, NEW.call_id, NEW.call_version_id, NEW.party_id, NEW.submitted_at)
       IS DISTINCT FROM
       (OLD.id, OLD.receipt, OLD.call_id, OLD.call_version_id, OLD.party_id, OLD.submitted_at)
    THEN
        RAISE EXCEPTION 'what contribution % is does not change', OLD.receipt
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state IN ('accepted', 'returned', 'rejected', 'withdrawn', 'failed') THEN
        IF NEW.state <> OLD.state
           AND NOT (OLD.state IN ('accepted', 'returned') AND NEW.state = 'withdrawn')
           AND NOT (OLD.state = 'returned' AND NEW.state = 'received'
                    AND OLD.correctable_until IS NOT NULL) THEN
            RAISE EXCEPTION 'contribution % has ended as %', OLD.receipt, OLD.state
                USING ERRCODE = 'restrict_violation';
        END IF;
        -- A record may pass between contributions that hold it, by whoever says that it does.
        IF OLD.state = 'accepted' AND NEW.state = 'accepted'
           AND current_setting('dure.recounting', true) = OLD.id::text
           AND NEW.received = OLD.received AND NEW.quarantined = OLD.quarantined
           AND NEW.accepted + NEW.duplicate = OLD.accepted + OLD.duplicate THEN
            RETURN NEW;
        END IF;
        IF NEW.state <> 'received' AND
           (NEW.received, NEW.accepted, NEW.quarantined, NEW.duplicate, NEW.mass,
            NEW.quality_score)
           IS DISTINCT FROM
           (OLD.received, OLD.accepted, OLD.quarantined, OLD.duplicate, OLD.mass,
            OLD.quality_score) THEN
            RAISE EXCEPTION 'the counts of contribution % stand', OLD.receipt
                USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF OLD.state = 'checking' AND NEW.state = 'received' THEN
        RAISE EXCEPTION 'contribution % is already being checked', OLD.receipt
            USING ERRCODE = 'restrict_violation';
    ELSIF OLD.state = 'received' AND NEW.state = 'accepted' THEN
        RAISE EXCEPTION 'contribution % has not been checked', OLD.receipt
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;


CREATE FUNCTION contributions_attempt_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a correction stands as it was sent'
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER attempt_stands
    BEFORE UPDATE OR DELETE ON contributions_attempt
    FOR EACH ROW EXECUTE FUNCTION contributions_attempt_stands();
