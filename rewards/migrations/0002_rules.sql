-- What must not happen to money, whoever asks. Triggers are ENABLE ALWAYS: the others sleep
-- while session_replication_role is "replica".

-- A hold and a balance speak of the asset and the floor of their account; for entries, which come
-- by the thousand, entries_balance() below checks the same in one join. What is referred to is
-- never changed or deleted, so neither kind of check can become untrue later.
ALTER TABLE rewards_hold ADD CONSTRAINT hold_source_asset
    FOREIGN KEY (source_id, asset) REFERENCES rewards_account (id, asset);
ALTER TABLE rewards_hold ADD CONSTRAINT hold_target_asset
    FOREIGN KEY (target_id, asset) REFERENCES rewards_account (id, asset);
ALTER TABLE rewards_balance ADD CONSTRAINT balance_account_floor
    FOREIGN KEY (account_id, floor) REFERENCES rewards_account (id, floor);

-- A balance is updated at every posting and has no other index: room for it on its page.
ALTER TABLE rewards_balance SET (fillfactor = 50);


-- What was written stands.
CREATE FUNCTION rewards_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: what was written stands', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['account', 'transfer', 'entry', 'hold', 'epochinput', 'rewardline']
    LOOP
        EXECUTE format('CREATE TRIGGER %I_stands BEFORE UPDATE OR DELETE ON rewards_%I
                        FOR EACH ROW EXECUTE FUNCTION rewards_stands()', name, name);
        EXECUTE format('ALTER TABLE rewards_%I ENABLE ALWAYS TRIGGER %I_stands', name, name);
    END LOOP;
    EXECUTE 'CREATE TRIGGER balance_stands BEFORE DELETE ON rewards_balance
             FOR EACH ROW EXECUTE FUNCTION rewards_stands()';
    EXECUTE 'ALTER TABLE rewards_balance ENABLE ALWAYS TRIGGER balance_stands';
    FOREACH name IN ARRAY ARRAY['account', 'balance', 'transfer', 'entry', 'hold', 'epoch',
                                'epochinput', 'rewardline', 'redemption']
    LOOP
        EXECUTE format('CREATE TRIGGER %I_not_emptied BEFORE TRUNCATE ON rewards_%I
                        FOR EACH STATEMENT EXECUTE FUNCTION rewards_stands()', name, name);
        EXECUTE format('ALTER TABLE rewards_%I ENABLE ALWAYS TRIGGER %I_not_emptied', name, name);
    END LOOP;
END $$;


-- All legs of a transfer come in one statement, numbered from 0, and sum to zero per asset;
-- within an account they continue one another and end at its balance.
CREATE FUNCTION rewards_entries_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wrong uuid;
BEGIN
    SELECT transfer_id INTO wrong FROM fresh
        GROUP BY transfer_id, asset HAVING sum(amount) <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'transfer % does not sum to zero', wrong USING ERRCODE = 'check_violation';
    END IF;
    SELECT transfer_id INTO wrong FROM fresh
        GROUP BY transfer_id HAVING min(seq) <> 0 OR max(seq) <> count(*) - 1 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the legs of transfer % do not come together', wrong
            USING ERRCODE = 'check_violation';
    END IF;
    SELECT f.transfer_id INTO wrong
        FROM fresh f LEFT JOIN rewards_transfer t ON t.id = f.transfer_id
        WHERE t.state IS NULL OR t.state IN ('pending', 'void') LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'transfer % moves nothing and has no entries', wrong
            USING ERRCODE = 'check_violation';
    END IF;
    SELECT f.transfer_id INTO wrong
        FROM fresh f LEFT JOIN rewards_account a ON a.id = f.account_id AND a.asset = f.asset
        WHERE a.id IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'transfer % names an account that does not keep this asset', wrong
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    SELECT transfer_id INTO wrong FROM (
        SELECT transfer_id, account_id, version, amount, after,
               lag(version) OVER account AS version_before, lag(after) OVER account AS before,
               lead(version) OVER account IS NULL AS last
        FROM fresh WINDOW account AS (PARTITION BY account_id ORDER BY version)
    ) leg LEFT JOIN rewards_balance b USING (account_id)
        WHERE leg.version <> leg.version_before + 1 OR leg.after <> leg.before + leg.amount
           OR (leg.last AND (b.version, b.posted) IS DISTINCT FROM (leg.version, leg.after))
        LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'an entry of transfer % does not lead to the balance', wrong
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER entries_balance AFTER INSERT ON rewards_entry
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION rewards_entries_balance();
ALTER TABLE rewards_entry ENABLE ALWAYS TRIGGER entries_balance;


-- A resolution names a hold, a reversal names a transfer.
CREATE FUNCTION rewards_transfers_name_others() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wrong uuid;
BEGIN
    SELECT f.id INTO wrong FROM fresh f
        LEFT JOIN rewards_transfer held ON held.id = f.pending_id
        LEFT JOIN rewards_transfer undone ON undone.id = f.reverses_id
        WHERE (f.pending_id IS NOT NULL AND held.state IS DISTINCT FROM 'pending')
           OR (f.reverses_id IS NOT NULL AND (undone.id IS NULL OR undone.state = 'pending'))
        LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'transfer % names no transfer that it could follow', wrong
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER transfers_name_others AFTER INSERT ON rewards_transfer
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION rewards_transfers_name_others();
ALTER TABLE rewards_transfer ENABLE ALWAYS TRIGGER transfers_name_others;


-- A balance moves only together with the entry that explains it.
CREATE FUNCTION rewards_balance_follows_entries() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wrong bigint;
BEGIN
    SELECT new_row.account_id INTO wrong
    FROM new_rows new_row LEFT JOIN old_rows old_row USING (account_id)
    WHERE old_row.account_id IS NULL
       OR ((new_row.posted, new_row.version) IS DISTINCT FROM (old_row.posted, old_row.version)
           AND NOT EXISTS (
               SELECT 1 FROM rewards_entry e
               WHERE e.account_id = new_row.account_id AND e.version = new_row.version
                 AND e.after = new_row.posted AND new_row.version > old_row.version))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the balance of account % moved without an entry', wrong
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER balance_follows_entries AFTER UPDATE ON rewards_balance
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION rewards_balance_follows_entries();
ALTER TABLE rewards_balance ENABLE ALWAYS TRIGGER balance_follows_entries;

CREATE FUNCTION rewards_balance_opens_empty() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.posted, NEW.pending_out, NEW.version) <> (0, 0, 0) THEN
        RAISE EXCEPTION 'account % opens with something in it', NEW.account_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER balance_opens_empty BEFORE INSERT ON rewards_balance
    FOR EACH ROW EXECUTE FUNCTION rewards_balance_opens_empty();
ALTER TABLE rewards_balance ENABLE ALWAYS TRIGGER balance_opens_empty;


-- Only a pending transfer holds.
CREATE FUNCTION rewards_hold_is_pending() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM rewards_transfer t WHERE t.id = NEW.transfer_id AND t.state = 'pending'
    ) THEN
        RAISE EXCEPTION 'transfer % holds nothing', NEW.transfer_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER hold_is_pending BEFORE INSERT ON rewards_hold
    FOR EACH ROW EXECUTE FUNCTION rewards_hold_is_pending();
ALTER TABLE rewards_hold ENABLE ALWAYS TRIGGER hold_is_pending;


-- An epoch goes from open to closed to approved; what was closed is frozen.
CREATE FUNCTION rewards_epoch_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'epoch % is kept', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    IF (NEW.id, NEW.call_id, NEW.number, NEW.opened_at)
       IS DISTINCT FROM (OLD.id, OLD.call_id, OLD.number, OLD.opened_at)
       OR NOT ((OLD.state, NEW.state) IN (('open', 'open'), ('open', 'closed'),
               ('closed', 'closed'), ('closed', 'approved'))) THEN
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

CREATE TRIGGER epoch_moves BEFORE UPDATE OR DELETE ON rewards_epoch
    FOR EACH ROW EXECUTE FUNCTION rewards_epoch_moves();
ALTER TABLE rewards_epoch ENABLE ALWAYS TRIGGER epoch_moves;


-- A redemption is what was asked for; it is resolved once.
CREATE FUNCTION rewards_redemption_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'redemption % is kept', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state <> 'held' OR
        (NEW.id, NEW.party_id, NEW.asset, NEW.amount, NEW.rail, NEW.destination, NEW.hold_id,
         NEW.requested_at)
        IS DISTINCT FROM
        (OLD.id, OLD.party_id, OLD.asset, OLD.amount, OLD.rail, OLD.destination, OLD.hold_id,
         OLD.requested_at)
    THEN
        RAISE EXCEPTION 'redemption % stands as it is', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER redemption_moves BEFORE UPDATE OR DELETE ON rewards_redemption
    FOR EACH ROW EXECUTE FUNCTION rewards_redemption_moves();
ALTER TABLE rewards_redemption ENABLE ALWAYS TRIGGER redemption_moves;
