-- A finding falls by an objection that its owner made and that was granted after it, by somebody who
-- took no part in it; another person has the amount paid out of the pool it had gone back to.
CREATE FUNCTION rewards_overruling_fits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM rewards_claimcheck k
        JOIN rewards_claimdrawing d ON d.id = k.drawing_id
        JOIN contributions_contribution c ON c.id = k.contribution_id
        JOIN rewards_epochinput i ON i.contribution_id = c.id AND i.epoch_id = d.epoch_id
        JOIN rewards_heldreward r ON r.contribution_id = c.id AND r.epoch_id = d.epoch_id
        JOIN rewards_hold h ON h.transfer_id = r.hold_id
        JOIN rewards_transfer v ON v.pending_id = r.hold_id AND v.state = 'void'
        JOIN governance_objection o ON o.party_id = c.party_id
        JOIN accounts_person p ON p.id = NEW.approver_id
        JOIN rewards_transfer t ON t.id = NEW.transfer_id
        WHERE k.id = NEW.check_id AND k.state = 'upheld' AND v.id = NEW.voided_id
          AND o.id = NEW.objection_id AND o.state = 'granted' AND o.subject_kind = 'reward'
          AND o.subject_id = c.receipt AND o.answered_at >= k.decided_at
          AND o.answered_by_id = NEW.granted_by_id
          AND NEW.granted_by_id NOT IN (k.checker_id, k.decider_id)
          AND NEW.approver_id <> k.decider_id AND p.party_id <> c.party_id
          AND t.kind = 'reward.given_back' AND t.state = 'posted'
          AND t.reference = 'transfer:' || v.id
          AND (SELECT count(*) FROM rewards_entry e WHERE e.transfer_id = t.id) = 2
          AND EXISTS (SELECT 1 FROM rewards_entry e WHERE e.transfer_id = t.id
                      AND e.account_id = h.source_id AND e.amount = -r.amount)
          AND EXISTS (SELECT 1 FROM rewards_entry e WHERE e.transfer_id = t.id
                      AND e.account_id = h.target_id AND e.amount = r.amount)) THEN
        RAISE EXCEPTION 'check % cannot be overruled so', NEW.check_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER overruling_fits BEFORE INSERT ON rewards_overruledfinding
    FOR EACH ROW EXECUTE FUNCTION rewards_overruling_fits();
CREATE TRIGGER overruling_stands BEFORE UPDATE OR DELETE ON rewards_overruledfinding
    FOR EACH ROW EXECUTE FUNCTION rewards_stands();
CREATE TRIGGER overruling_not_emptied BEFORE TRUNCATE ON rewards_overruledfinding
    FOR EACH STATEMENT EXECUTE FUNCTION rewards_stands();
ALTER TABLE rewards_overruledfinding ENABLE ALWAYS TRIGGER overruling_fits,
    ENABLE ALWAYS TRIGGER overruling_stands, ENABLE ALWAYS TRIGGER overruling_not_emptied;


-- A check goes one way, a finding is made while something waits, and one that was upheld falls with
-- what was paid back.
CREATE OR REPLACE FUNCTION rewards_check_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'drawn' OR NEW.position NOT BETWEEN 1 AND
            (SELECT size FROM rewards_claimdrawing WHERE id = NEW.drawing_id) THEN
            RAISE EXCEPTION 'check % was not drawn', NEW.id USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE'
        OR (NEW.id, NEW.drawing_id, NEW.position, NEW.contribution_id)
            IS DISTINCT FROM (OLD.id, OLD.drawing_id, OLD.position, OLD.contribution_id)
        OR (OLD.state, NEW.state) NOT IN (('drawn', 'sound'), ('drawn', 'proposed'),
            ('proposed', 'upheld'), ('proposed', 'dismissed'), ('upheld', 'overruled'))
        OR (OLD.state = 'upheld' AND (NEW.decider_id, NEW.decided_at)
            IS DISTINCT FROM (OLD.decider_id, OLD.decided_at))
        OR (NEW.state = 'overruled' AND NOT EXISTS (
            SELECT 1 FROM rewards_overruledfinding o WHERE o.check_id = OLD.id))
        OR (OLD.state IN ('proposed', 'upheld') AND (NEW.ground, NEW.reason, NEW.checker_id, NEW.checked_at)
            IS DISTINCT FROM (OLD.ground, OLD.reason, OLD.checker_id, OLD.checked_at)) THEN
        RAISE EXCEPTION 'check % cannot go from % to % so', OLD.id, OLD.state, NEW.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state = 'proposed' AND NOT EXISTS (
        SELECT 1 FROM rewards_heldreward h JOIN rewards_claimdrawing d ON d.epoch_id = h.epoch_id
        WHERE d.id = NEW.drawing_id AND h.contribution_id = NEW.contribution_id
          AND NOT EXISTS (SELECT 1 FROM rewards_transfer t WHERE t.pending_id = h.hold_id)) THEN
        RAISE EXCEPTION 'nothing waits of what check % is about', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;


-- A reward comes back whole: what had been paid of it by a transfer that names the one that paid,
-- and what waited of it too, voided or reversed, or given back
-- after an objection and reversed then.
CREATE OR REPLACE FUNCTION rewards_release_fits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE its rewards_epochinput; held rewards_heldreward; waited bigint;
BEGIN
    SELECT * INTO its FROM rewards_epochinput WHERE contribution_id = NEW.contribution_id;
    IF its.epoch_id IS DISTINCT FROM NEW.epoch_id OR its.reward <> NEW.reward
       OR its.pseudonym <> NEW.pseudonym THEN
        RAISE EXCEPTION 'epoch % does not settle contribution % so',
            NEW.epoch_id, NEW.contribution_id USING ERRCODE = 'restrict_violation';
    END IF;
    IF EXISTS (SELECT 1 FROM rewards_epoch WHERE id = NEW.epoch_id AND state = 'rejected') THEN
        IF NEW.transfer_id IS NULL THEN RETURN NEW; END IF;
    ELSIF EXISTS (SELECT 1 FROM rewards_epoch r WHERE r.reverses_id = NEW.epoch_id
                  AND r.state = 'approved') THEN
        SELECT * INTO held FROM rewards_heldreward h
            WHERE h.epoch_id = NEW.epoch_id AND h.contribution_id = NEW.contribution_id;
        waited := coalesce(held.amount, 0);
        IF waited = 0 OR EXISTS (
            SELECT 1 FROM rewards_transfer r WHERE r.pending_id = held.hold_id AND (
                (r.state = 'void' AND NOT EXISTS (
                    SELECT 1 FROM rewards_overruledfinding o WHERE o.voided_id = r.id AND NOT EXISTS (
                        SELECT 1 FROM rewards_transfer b WHERE b.reverses_id = o.transfer_id)))
                OR EXISTS (SELECT 1 FROM rewards_transfer b WHERE b.reverses_id = r.id))) THEN
            IF NEW.transfer_id IS NULL AND NEW.reward = waited THEN RETURN NEW; END IF;
            IF EXISTS (SELECT 1 FROM rewards_transfer back
                       JOIN rewards_transfer paid ON paid.id = back.reverses_id
                       JOIN rewards_entry e
                           ON e.transfer_id = back.id AND e.amount = NEW.reward - waited
                       WHERE back.id = NEW.transfer_id AND paid.kind = 'reward'
                         AND paid.reference = 'epoch:' || NEW.epoch_id) THEN RETURN NEW; END IF;
        END IF;
    END IF;
    RAISE EXCEPTION 'contribution % stays settled by epoch %', NEW.contribution_id, NEW.epoch_id
        USING ERRCODE = 'restrict_violation';
END $$;
