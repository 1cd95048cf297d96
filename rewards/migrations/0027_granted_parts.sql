-- What was given back so far was all that a finding had taken. The rows stand; once, this fills them.
ALTER TABLE rewards_overruledfinding DISABLE TRIGGER overruling_stands;
UPDATE rewards_overruledfinding o SET amount = r.amount
    FROM rewards_transfer v JOIN rewards_heldreward r ON r.hold_id = v.pending_id
    WHERE v.id = o.voided_id;
ALTER TABLE rewards_overruledfinding ENABLE ALWAYS TRIGGER overruling_stands;

-- A finding falls by an objection that its owner made and that was granted after it, whole or in
-- part, by somebody who took no part in it; another person has that much paid out of the pool.
CREATE OR REPLACE FUNCTION rewards_overruling_fits() RETURNS trigger LANGUAGE plpgsql AS $$
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
          AND o.id = NEW.objection_id AND o.subject_kind = 'reward'
          AND ((o.state = 'granted' AND NEW.amount = r.amount)
            OR (o.state = 'partly' AND EXISTS (
                SELECT 1 FROM rewards_grantedpart g WHERE g.objection_id = o.id
                  AND g.check_id = k.id AND g.amount = NEW.amount)))
          AND o.subject_id = c.receipt AND o.answered_at >= k.decided_at
          AND o.answered_by_id = NEW.granted_by_id
          AND NEW.granted_by_id NOT IN (k.checker_id, k.decider_id)
          AND NEW.approver_id <> k.decider_id AND p.party_id <> c.party_id
          AND t.kind = 'reward.given_back' AND t.state = 'posted'
          AND t.reference = 'transfer:' || v.id
          AND (SELECT count(*) FROM rewards_entry e WHERE e.transfer_id = t.id) = 2
          AND EXISTS (SELECT 1 FROM rewards_entry e WHERE e.transfer_id = t.id
                      AND e.account_id = h.source_id AND e.amount = -NEW.amount)
          AND EXISTS (SELECT 1 FROM rewards_entry e WHERE e.transfer_id = t.id
                      AND e.account_id = h.target_id AND e.amount = NEW.amount)) THEN
        RAISE EXCEPTION 'check % cannot be overruled so', NEW.check_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

-- A part is granted with the answer, of what an upheld finding took: less than all of it.
CREATE FUNCTION rewards_granted_part_fits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM rewards_claimcheck k
        JOIN rewards_claimdrawing d ON d.id = k.drawing_id
        JOIN contributions_contribution c ON c.id = k.contribution_id
        JOIN rewards_heldreward r ON r.contribution_id = c.id AND r.epoch_id = d.epoch_id
        JOIN governance_objection o ON o.party_id = c.party_id
        WHERE k.id = NEW.check_id AND k.state = 'upheld' AND NEW.amount < r.amount
          AND o.id = NEW.objection_id AND o.state = 'partly' AND o.subject_kind = 'reward'
          AND o.subject_id = c.receipt AND o.answered_at >= k.decided_at
          AND o.answered_by_id NOT IN (k.checker_id, k.decider_id)) THEN
        RAISE EXCEPTION 'objection % cannot be granted so', NEW.objection_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER granted_part_fits BEFORE INSERT ON rewards_grantedpart
    FOR EACH ROW EXECUTE FUNCTION rewards_granted_part_fits();
CREATE TRIGGER granted_part_stands BEFORE UPDATE OR DELETE ON rewards_grantedpart
    FOR EACH ROW EXECUTE FUNCTION rewards_stands();
CREATE TRIGGER granted_part_not_emptied BEFORE TRUNCATE ON rewards_grantedpart
    FOR EACH STATEMENT EXECUTE FUNCTION rewards_stands();
ALTER TABLE rewards_grantedpart ENABLE ALWAYS TRIGGER granted_part_fits,
    ENABLE ALWAYS TRIGGER granted_part_stands, ENABLE ALWAYS TRIGGER granted_part_not_emptied;
