-- What must not happen to the facts of this room, whoever asks.

CREATE FUNCTION contributions_reference_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM contributions_callversion_references used
        WHERE used.referencepopulation_id = OLD.id
    ) THEN
        RAISE EXCEPTION 'reference population % is in use and stands as it is', OLD.key
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE TRIGGER reference_stands
    BEFORE UPDATE OR DELETE ON contributions_referencepopulation
    FOR EACH ROW EXECUTE FUNCTION contributions_reference_stands();


CREATE FUNCTION contributions_call_version_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a version of a call is kept' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state <> 'draft' AND (
        (NEW.call_id, NEW.number, NEW.document, NEW.sha256, NEW.author_id)
        IS DISTINCT FROM (OLD.call_id, OLD.number, OLD.document, OLD.sha256, OLD.author_id)
    ) THEN
        RAISE EXCEPTION 'version % of a call stands as it was proposed', OLD.number
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
        ('draft', 'proposed'), ('draft', 'superseded'),
        ('proposed', 'published'), ('proposed', 'superseded'),
        ('published', 'superseded'), ('published', 'closed')
    ) THEN
        RAISE EXCEPTION 'a version of a call cannot go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER call_version_stands
    BEFORE UPDATE OR DELETE ON contributions_callversion
    FOR EACH ROW EXECUTE FUNCTION contributions_call_version_stands();


CREATE FUNCTION contributions_contribution_moves() RETURNS trigger LANGUAGE plpgsql AS $$
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
           AND NOT (OLD.state IN ('accepted', 'returned') AND NEW.state = 'withdrawn') THEN
            RAISE EXCEPTION 'contribution % has ended as %', OLD.receipt, OLD.state
                USING ERRCODE = 'restrict_violation';
        END IF;
        IF (NEW.received, NEW.accepted, NEW.quarantined, NEW.duplicate, NEW.mass,
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

CREATE TRIGGER contribution_moves
    BEFORE UPDATE OR DELETE ON contributions_contribution
    FOR EACH ROW EXECUTE FUNCTION contributions_contribution_moves();


CREATE FUNCTION contributions_stage_run_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a completed stage stands as it was recorded'
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER stage_run_stands
    BEFORE UPDATE OR DELETE ON contributions_stagerun
    FOR EACH ROW EXECUTE FUNCTION contributions_stage_run_stands();
