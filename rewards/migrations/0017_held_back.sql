-- Hold many amounts of one account back in one statement, all or none; nothing comes back where all
-- are held, else the one refusal, with nothing written.
CREATE FUNCTION rewards_hold_many(
    ids uuid[], keys uuid[], hashes text[], what text, about text,
    source bigint, targets bigint[], sizes bigint[], moment timestamptz, who text)
RETURNS TABLE (refusal text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE code text; named text; total numeric;
BEGIN
    PERFORM rewards_require_durable();
    INSERT INTO rewards_transfer (id, idem, req_hash, kind, state, reference, effective_at,
                                  posted_at, actor)
        SELECT t.id, t.idem, t.hash, what, 'pending', about, moment, moment, who
        FROM unnest(ids, keys, hashes) AS t (id, idem, hash)
        ORDER BY t.idem ON CONFLICT (idem) DO NOTHING;
    GET DIAGNOSTICS total = ROW_COUNT;
    IF total < cardinality(keys) THEN
        RAISE EXCEPTION 'key used before' USING ERRCODE = 'DU409';
    END IF;
    PERFORM rewards_lock(array_append(targets, source), moment, who);
    SELECT sum(s) INTO total FROM unnest(sizes) s;
    UPDATE rewards_balance b SET pending_out = b.pending_out + total
        WHERE b.account_id = source AND b.posted - b.pending_out - b.floor >= total;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'not enough' USING ERRCODE = 'DU402';
    END IF;
    INSERT INTO rewards_hold (transfer_id, source_id, target_id, asset, amount)
        SELECT h.id, source, h.target, a.asset, h.size
        FROM unnest(ids, targets, sizes) AS h (id, target, size)
        JOIN rewards_account a ON a.id = source;
EXCEPTION
    WHEN SQLSTATE 'DU402' OR SQLSTATE 'DU404' OR SQLSTATE 'DU409' OR SQLSTATE 'DU503'
        OR check_violation OR foreign_key_violation OR numeric_value_out_of_range THEN
        GET STACKED DIAGNOSTICS named = CONSTRAINT_NAME;
        code := rewards_refusal(SQLSTATE, named);
        IF code IS NULL THEN
            RAISE;
        END IF;
        RETURN QUERY SELECT code;
END $$;

REVOKE EXECUTE ON FUNCTION rewards_hold_many FROM PUBLIC;
DO $$ BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'dure_app') THEN
        GRANT EXECUTE ON FUNCTION rewards_hold_many TO dure_app;
    END IF;
END $$;


-- What waits is a hold of this epoch for this contribution's owner, and no more than the reward.
CREATE FUNCTION rewards_held_fits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM rewards_hold h
        JOIN rewards_transfer t ON t.id = h.transfer_id
        JOIN rewards_account w ON w.id = h.target_id
        JOIN rewards_epochinput i ON i.contribution_id = NEW.contribution_id
        JOIN rewards_epoch e ON e.id = i.epoch_id
        JOIN contributions_contribution c ON c.id = i.contribution_id
        WHERE h.transfer_id = NEW.hold_id AND h.amount = NEW.amount AND h.expires_at IS NULL
          AND t.kind = 'reward.held' AND t.reference = 'epoch:' || NEW.epoch_id
          AND i.epoch_id = NEW.epoch_id AND i.reward >= NEW.amount AND e.state = 'approved'
          AND w.kind = 'wallet' AND w.owner_id = c.party_id AND NEW.due_at >= t.posted_at) THEN
        RAISE EXCEPTION 'hold % is not what waits of contribution %',
            NEW.hold_id, NEW.contribution_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER held_fits BEFORE INSERT ON rewards_heldreward
    FOR EACH ROW EXECUTE FUNCTION rewards_held_fits();


-- What waits is paid whole, when its day has come and no finding is open; it goes back to the pool
-- by an upheld finding or with its epoch.
CREATE FUNCTION rewards_held_waits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE held rewards_heldreward;
BEGIN
    SELECT * INTO held FROM rewards_heldreward WHERE hold_id = NEW.pending_id;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF NEW.state = 'post' THEN
        IF NEW.posted_at < held.due_at THEN
            RAISE EXCEPTION 'hold % waits until %', NEW.pending_id, held.due_at
                USING ERRCODE = 'restrict_violation';
        END IF;
        IF EXISTS (SELECT 1 FROM rewards_claimcheck c JOIN rewards_claimdrawing d ON d.id = c.drawing_id
                   WHERE d.epoch_id = held.epoch_id AND c.contribution_id = held.contribution_id
                     AND c.state IN ('proposed', 'upheld')) THEN
            RAISE EXCEPTION 'a finding stands against hold %', NEW.pending_id
                USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF NOT EXISTS (
        SELECT 1 FROM rewards_claimcheck c JOIN rewards_claimdrawing d ON d.id = c.drawing_id
        WHERE d.epoch_id = held.epoch_id AND c.contribution_id = held.contribution_id
          AND c.state = 'upheld')
        AND NOT EXISTS (SELECT 1 FROM rewards_epoch r
                        WHERE r.reverses_id = held.epoch_id AND r.state = 'approved') THEN
        RAISE EXCEPTION 'nothing takes hold % away', NEW.pending_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER held_waits AFTER INSERT ON rewards_transfer
    FOR EACH ROW WHEN (NEW.pending_id IS NOT NULL) EXECUTE FUNCTION rewards_held_waits();


-- The head is the first that holds the entry of the approval, and as many are drawn as were pledged.
CREATE FUNCTION rewards_claims_are_drawn() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE its rewards_epoch; place bigint; head governance_logcheckpoint;
BEGIN
    SELECT * INTO its FROM rewards_epoch WHERE id = NEW.epoch_id;
    SELECT p.index INTO place FROM governance_logplace p
        JOIN governance_logentry e ON e.origin_seq = p.origin_seq WHERE e.id = its.approval_entry;
    SELECT * INTO head FROM governance_logcheckpoint WHERE size > place ORDER BY size LIMIT 1;
    IF its.state IS DISTINCT FROM 'approved' OR its.kind <> 'settlement'
        OR NEW.checkpoint_size IS DISTINCT FROM head.size
        OR NEW.checkpoint_root IS DISTINCT FROM encode(head.root, 'hex')
        OR NEW.size IS DISTINCT FROM ceil(its.inputs_count *
            (its.terms -> 'parameters' -> 'deterrence' ->> 'audit_rate')::numeric) THEN
        RAISE EXCEPTION 'the claims of epoch % cannot be drawn so', NEW.epoch_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER claims_are_drawn BEFORE INSERT ON rewards_claimdrawing
    FOR EACH ROW EXECUTE FUNCTION rewards_claims_are_drawn();


-- A check goes one way, and a finding is made while something waits.
CREATE FUNCTION rewards_check_moves() RETURNS trigger LANGUAGE plpgsql AS $$
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
            ('proposed', 'upheld'), ('proposed', 'dismissed'))
        OR (OLD.state = 'proposed' AND (NEW.ground, NEW.reason, NEW.checker_id, NEW.checked_at)
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
CREATE TRIGGER check_moves BEFORE INSERT OR UPDATE OR DELETE ON rewards_claimcheck
    FOR EACH ROW EXECUTE FUNCTION rewards_check_moves();

CREATE TRIGGER heldreward_stands BEFORE UPDATE OR DELETE ON rewards_heldreward
    FOR EACH ROW EXECUTE FUNCTION rewards_stands();
CREATE TRIGGER claimdrawing_stands BEFORE UPDATE OR DELETE ON rewards_claimdrawing
    FOR EACH ROW EXECUTE FUNCTION rewards_stands();
CREATE TRIGGER heldreward_not_emptied BEFORE TRUNCATE ON rewards_heldreward
    FOR EACH STATEMENT EXECUTE FUNCTION rewards_stands();
CREATE TRIGGER claimdrawing_not_emptied BEFORE TRUNCATE ON rewards_claimdrawing
    FOR EACH STATEMENT EXECUTE FUNCTION rewards_stands();
CREATE TRIGGER claimcheck_not_emptied BEFORE TRUNCATE ON rewards_claimcheck
    FOR EACH STATEMENT EXECUTE FUNCTION rewards_stands();
ALTER TABLE rewards_heldreward ENABLE ALWAYS TRIGGER held_fits,
    ENABLE ALWAYS TRIGGER heldreward_stands, ENABLE ALWAYS TRIGGER heldreward_not_emptied;
ALTER TABLE rewards_claimdrawing ENABLE ALWAYS TRIGGER claims_are_drawn,
    ENABLE ALWAYS TRIGGER claimdrawing_stands, ENABLE ALWAYS TRIGGER claimdrawing_not_emptied;
ALTER TABLE rewards_claimcheck ENABLE ALWAYS TRIGGER check_moves,
    ENABLE ALWAYS TRIGGER claimcheck_not_emptied;
ALTER TABLE rewards_transfer ENABLE ALWAYS TRIGGER held_waits;


-- A reward comes back whole: what had been paid of it by a transfer that names the one that paid,
-- and what waited of it too, voided or reversed.
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
                r.state = 'void'
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
