-- A proposal is decided once and says for ever what was proposed by whom.
CREATE TRIGGER proposal_stands BEFORE UPDATE ON governance_proposal FOR EACH ROW
    WHEN (OLD.decided_at IS NOT NULL OR (NEW.id, NEW.kind, NEW.details, NEW.proposer_id,
        NEW.proposed_at) IS DISTINCT FROM (OLD.id, OLD.kind, OLD.details, OLD.proposer_id,
        OLD.proposed_at)) EXECUTE FUNCTION governance_refuse();
CREATE TRIGGER proposal_is_not_deleted BEFORE DELETE OR TRUNCATE ON governance_proposal
    FOR EACH STATEMENT EXECUTE FUNCTION governance_refuse();
ALTER TABLE governance_proposal ENABLE ALWAYS TRIGGER proposal_stands;
ALTER TABLE governance_proposal ENABLE ALWAYS TRIGGER proposal_is_not_deleted;

CREATE TRIGGER logcosignature_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON governance_logcosignature FOR EACH STATEMENT EXECUTE FUNCTION governance_refuse();
ALTER TABLE governance_logcosignature ENABLE ALWAYS TRIGGER logcosignature_append_only;
