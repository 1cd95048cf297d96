-- An epoch goes from open to closed, and then to approved or rejected; what was closed is frozen.
CREATE OR REPLACE FUNCTION rewards_epoch_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'epoch % is kept', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    IF (NEW.id, NEW.call_id, NEW.number, NEW.opened_at, NEW.kind, NEW.reverses_id)
       IS DISTINCT FROM (OLD.id, OLD.call_id, OLD.number, OLD.opened_at, OLD.kind, OLD.reverses_id)
       OR NOT ((OLD.state, NEW.state) IN (('open', 'open'), ('open', 'closed'),
               ('closed', 'closed'), ('closed', 'approved'), ('closed', 'rejected'))
               -- A reversal is approved first and then notes, once, what came back.
               OR (OLD.state = 'approved' AND NEW.state = 'approved' AND OLD.kind = 'reversal'
                   AND OLD.approval_entry IS NULL AND NEW.approval_entry IS NOT NULL
                   AND (NEW.approver_id, NEW.approved_at, NEW.ground)
                       IS NOT DISTINCT FROM (OLD.approver_id, OLD.approved_at, OLD.ground))) THEN
        RAISE EXCEPTION 'epoch % cannot go from % to %', OLD.id, OLD.state, NEW.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state <> 'open' AND (
        (NEW.closed_at, NEW.proposer_id, NEW.call_version_id, NEW.asset, NEW.manifest,
         NEW.manifest_sha256, NEW.terms, NEW.inputs_root, NEW.outputs_root, NEW.inputs_count, NEW.total,
         NEW.closing_entry)
        IS DISTINCT FROM
        (OLD.closed_at, OLD.proposer_id, OLD.call_version_id, OLD.asset, OLD.manifest,
         OLD.manifest_sha256, OLD.terms, OLD.inputs_root, OLD.outputs_root, OLD.inputs_count, OLD.total,
         OLD.closing_entry)
    ) THEN
        RAISE EXCEPTION 'epoch % is closed and stands as it is', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

-- A reversal takes back an epoch of the same call that was approved and is no reversal itself.
CREATE FUNCTION rewards_reversal_fits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.reverses_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM rewards_epoch WHERE id = NEW.reverses_id AND call_id = NEW.call_id
            AND state = 'approved' AND kind = 'settlement') THEN
        RAISE EXCEPTION 'epoch % cannot be reversed', NEW.reverses_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER reversal_fits BEFORE INSERT ON rewards_epoch
    FOR EACH ROW EXECUTE FUNCTION rewards_reversal_fits();
ALTER TABLE rewards_epoch ENABLE ALWAYS TRIGGER reversal_fits;

-- An input is released because its epoch was rejected, or because its reward was taken back by a
-- transfer that names the one that paid it.
CREATE FUNCTION rewards_release_fits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE its rewards_epochinput;
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
        IF NEW.transfer_id IS NULL AND NEW.reward = 0 THEN RETURN NEW; END IF;
        IF EXISTS (SELECT 1 FROM rewards_transfer back
                   JOIN rewards_transfer paid ON paid.id = back.reverses_id
                   JOIN rewards_entry e ON e.transfer_id = back.id AND e.amount = NEW.reward
                   WHERE back.id = NEW.transfer_id AND paid.kind = 'reward'
                     AND paid.reference = 'epoch:' || NEW.epoch_id) THEN RETURN NEW; END IF;
    END IF;
    RAISE EXCEPTION 'contribution % stays settled by epoch %', NEW.contribution_id, NEW.epoch_id
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER release_fits BEFORE INSERT ON rewards_inputrelease
    FOR EACH ROW EXECUTE FUNCTION rewards_release_fits();
CREATE TRIGGER inputrelease_stands BEFORE UPDATE OR DELETE ON rewards_inputrelease
    FOR EACH ROW EXECUTE FUNCTION rewards_stands();
CREATE TRIGGER inputrelease_not_emptied BEFORE TRUNCATE ON rewards_inputrelease
    FOR EACH STATEMENT EXECUTE FUNCTION rewards_stands();
ALTER TABLE rewards_inputrelease ENABLE ALWAYS TRIGGER release_fits,
    ENABLE ALWAYS TRIGGER inputrelease_stands, ENABLE ALWAYS TRIGGER inputrelease_not_emptied;

-- What was frozen stands, until it is released: then the input goes, and its lines before it.
CREATE FUNCTION rewards_input_stands() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE which uuid; epoch uuid;
BEGIN
    IF TG_TABLE_NAME = 'rewards_epochinput' THEN
        which := OLD.contribution_id; epoch := OLD.epoch_id;
    ELSE
        SELECT contribution_id, epoch_id INTO which, epoch FROM rewards_epochinput
            WHERE contribution_id = (to_jsonb(OLD) ->> 'source_id')::uuid;
    END IF;
    IF TG_OP = 'DELETE' AND EXISTS (SELECT 1 FROM rewards_inputrelease
            WHERE contribution_id = which AND epoch_id = epoch) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% of % is refused: what was written stands', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
DROP TRIGGER epochinput_stands ON rewards_epochinput;
DROP TRIGGER rewardline_stands ON rewards_rewardline;
CREATE TRIGGER epochinput_stands BEFORE UPDATE OR DELETE ON rewards_epochinput
    FOR EACH ROW EXECUTE FUNCTION rewards_input_stands();
CREATE TRIGGER rewardline_stands BEFORE UPDATE OR DELETE ON rewards_rewardline
    FOR EACH ROW EXECUTE FUNCTION rewards_input_stands();
ALTER TABLE rewards_epochinput ENABLE ALWAYS TRIGGER epochinput_stands;
ALTER TABLE rewards_rewardline ENABLE ALWAYS TRIGGER rewardline_stands;
