-- A rule that a second person approved stands; before that only the approval is added.
CREATE FUNCTION rewards_treasury_rule_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.approved_at IS NOT NULL OR
        (NEW.id, NEW.subject, NEW.number, NEW.document, NEW.sha256, NEW.proposer_id,
         NEW.proposed_at)
        IS DISTINCT FROM
        (OLD.id, OLD.subject, OLD.number, OLD.document, OLD.sha256, OLD.proposer_id,
         OLD.proposed_at)
    THEN
        RAISE EXCEPTION 'rule % % stands as it is', OLD.subject, OLD.number
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

-- A batch goes proposed -> approved -> sent, or is discarded before it is sent. Its file, what it
-- pays and who decided never change.
CREATE FUNCTION rewards_batch_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR
        (NEW.id, NEW.rail, NEW.asset, NEW.message_id, NEW.policy_number, NEW.count, NEW.total,
         NEW.control_sum, NEW.execute_on, NEW.file_id, NEW.file_format, NEW.file_sha256,
         NEW.proposer_id, NEW.proposed_at)
        IS DISTINCT FROM
        (OLD.id, OLD.rail, OLD.asset, OLD.message_id, OLD.policy_number, OLD.count, OLD.total,
         OLD.control_sum, OLD.execute_on, OLD.file_id, OLD.file_format, OLD.file_sha256,
         OLD.proposer_id, OLD.proposed_at)
        OR NOT ((OLD.state, NEW.state) IN (('proposed', 'approved'), ('approved', 'sent'),
                ('proposed', 'discarded'), ('approved', 'discarded')))
        OR (OLD.approver_id IS NOT NULL AND
            (NEW.approver_id, NEW.approved_at) IS DISTINCT FROM (OLD.approver_id, OLD.approved_at))
    THEN
        RAISE EXCEPTION 'batch % stands as it is', OLD.message_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

-- An item is answered once, and may come back once after it was paid. What was not sent was not
-- answered; what was sent is never dropped.
CREATE FUNCTION rewards_item_moves() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE batch_state text;
BEGIN
    SELECT state INTO batch_state FROM rewards_payoutbatch WHERE id = OLD.batch_id;
    IF TG_OP = 'DELETE' OR
        (NEW.uid, NEW.batch_id, NEW.redemption_id, NEW.number, NEW.amount, NEW.pays)
        IS DISTINCT FROM
        (OLD.uid, OLD.batch_id, OLD.redemption_id, OLD.number, OLD.amount, OLD.pays)
        OR NOT ((OLD.state, NEW.state) IN (('open', 'settled'), ('open', 'failed'),
                ('open', 'discarded'), ('settled', 'returned')))
        OR (NEW.state = 'discarded') <> (batch_state = 'discarded')
        OR (NEW.state <> 'discarded' AND batch_state <> 'sent')
    THEN
        RAISE EXCEPTION 'pay-out % cannot go from % to %', OLD.uid, OLD.state, NEW.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

-- An answer is counted once, after its lines are in; nothing else of it moves.
CREATE FUNCTION rewards_import_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.counts <> '{}'::jsonb OR
        (NEW.id, NEW.rail, NEW.file_format, NEW.file_id, NEW.sha256, NEW.message_id,
         NEW.importer_id, NEW.imported_at)
        IS DISTINCT FROM
        (OLD.id, OLD.rail, OLD.file_format, OLD.file_id, OLD.sha256, OLD.message_id,
         OLD.importer_id, OLD.imported_at)
    THEN
        RAISE EXCEPTION 'answer % stands as it is', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

-- What was set aside is what was set aside; each step is added once.
CREATE FUNCTION rewards_unclaimed_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.claimed_at IS NOT NULL OR
        (NEW.id, NEW.party_id, NEW.dividend_id, NEW.asset, NEW.amount, NEW.why, NEW.policy_number,
         NEW.set_aside_id, NEW.set_aside_at, NEW.claim_by)
        IS DISTINCT FROM
        (OLD.id, OLD.party_id, OLD.dividend_id, OLD.asset, OLD.amount, OLD.why, OLD.policy_number,
         OLD.set_aside_id, OLD.set_aside_at, OLD.claim_by)
        OR (OLD.warned_at IS NOT NULL AND NEW.warned_at IS DISTINCT FROM OLD.warned_at)
        OR (OLD.expiry_id IS NOT NULL AND
            (NEW.expiry_id, NEW.expired_at) IS DISTINCT FROM (OLD.expiry_id, OLD.expired_at))
    THEN
        RAISE EXCEPTION 'unclaimed amount % stands as it is', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

-- A redemption is what was asked for; it is resolved once, and what was paid comes back only with
-- the reversal of the payment.
CREATE OR REPLACE FUNCTION rewards_redemption_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'redemption % is kept', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    IF (NEW.id, NEW.party_id, NEW.asset, NEW.amount, NEW.rail, NEW.destination, NEW.hold_id,
        NEW.requested_at, NEW.tax, NEW.tax_policy, NEW.tax_hold_id)
        IS DISTINCT FROM
        (OLD.id, OLD.party_id, OLD.asset, OLD.amount, OLD.rail, OLD.destination, OLD.hold_id,
         OLD.requested_at, OLD.tax, OLD.tax_policy, OLD.tax_hold_id)
        OR NOT (OLD.state = 'held' OR (
            OLD.state = 'settled' AND NEW.state = 'returned' AND EXISTS (
                SELECT 1 FROM rewards_transfer back
                JOIN rewards_transfer paid ON paid.id = back.reverses_id
                WHERE paid.pending_id = OLD.hold_id)))
    THEN
        RAISE EXCEPTION 'redemption % stands as it is', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER treasury_rule_moves BEFORE UPDATE OR DELETE ON rewards_treasurypolicy
    FOR EACH ROW EXECUTE FUNCTION rewards_treasury_rule_moves();
CREATE TRIGGER batch_moves BEFORE UPDATE OR DELETE ON rewards_payoutbatch
    FOR EACH ROW EXECUTE FUNCTION rewards_batch_moves();
CREATE TRIGGER item_moves BEFORE UPDATE OR DELETE ON rewards_payoutitem
    FOR EACH ROW EXECUTE FUNCTION rewards_item_moves();
CREATE TRIGGER import_moves BEFORE UPDATE OR DELETE ON rewards_railimport
    FOR EACH ROW EXECUTE FUNCTION rewards_import_moves();
CREATE TRIGGER unclaimed_moves BEFORE UPDATE OR DELETE ON rewards_unclaimedamount
    FOR EACH ROW EXECUTE FUNCTION rewards_unclaimed_moves();
ALTER TABLE rewards_treasurypolicy ENABLE ALWAYS TRIGGER treasury_rule_moves;
ALTER TABLE rewards_payoutbatch ENABLE ALWAYS TRIGGER batch_moves;
ALTER TABLE rewards_payoutitem ENABLE ALWAYS TRIGGER item_moves;
ALTER TABLE rewards_railimport ENABLE ALWAYS TRIGGER import_moves;
ALTER TABLE rewards_unclaimedamount ENABLE ALWAYS TRIGGER unclaimed_moves;

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['railevent', 'railduplicate', 'differencenote'] LOOP
        EXECUTE format('CREATE TRIGGER %I_stands BEFORE UPDATE OR DELETE ON rewards_%I
                        FOR EACH ROW EXECUTE FUNCTION rewards_stands()', name, name);
        EXECUTE format('ALTER TABLE rewards_%I ENABLE ALWAYS TRIGGER %I_stands', name, name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['treasurypolicy', 'payoutbatch', 'payoutitem', 'railimport',
                                'railevent', 'railduplicate', 'differencenote', 'unclaimedamount']
    LOOP
        EXECUTE format('CREATE TRIGGER %I_not_emptied BEFORE TRUNCATE ON rewards_%I
                        FOR EACH STATEMENT EXECUTE FUNCTION rewards_stands()', name, name);
        EXECUTE format('ALTER TABLE rewards_%I ENABLE ALWAYS TRIGGER %I_not_emptied', name, name);
    END LOOP;
END $$;
