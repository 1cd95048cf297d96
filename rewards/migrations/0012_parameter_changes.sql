-- What was proposed stands: a change is decided once, and nothing else about it ever moves.
CREATE FUNCTION rewards_change_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'UPDATE' THEN
        RAISE EXCEPTION 'a change of parameters stands: % refused', TG_OP
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.state <> 'proposed' OR ROW(
        OLD.id, OLD.version_id, OLD.base_id, OLD.changes::text, OLD.reason, OLD.effect,
        OLD.effect_sha256, OLD.proposer_id, OLD.proposed_at, OLD.proposal_entry
    ) IS DISTINCT FROM ROW(
        NEW.id, NEW.version_id, NEW.base_id, NEW.changes::text, NEW.reason, NEW.effect,
        NEW.effect_sha256, NEW.proposer_id, NEW.proposed_at, NEW.proposal_entry
    ) THEN
        RAISE EXCEPTION 'a change of parameters stands as it was proposed and decided'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER parameterchange_stands BEFORE UPDATE OR DELETE ON rewards_parameterchange
    FOR EACH ROW EXECUTE FUNCTION rewards_change_stands();
ALTER TABLE rewards_parameterchange ENABLE ALWAYS TRIGGER parameterchange_stands;
CREATE TRIGGER parameterchange_not_emptied BEFORE TRUNCATE ON rewards_parameterchange
    FOR EACH STATEMENT EXECUTE FUNCTION rewards_change_stands();
ALTER TABLE rewards_parameterchange ENABLE ALWAYS TRIGGER parameterchange_not_emptied;
