-- Closing waits for every posting under way; postings share the lock until they commit.
CREATE FUNCTION rewards_lock_books_for_closing() RETURNS void LANGUAGE sql AS
    $$ SELECT pg_advisory_xact_lock(7021390418825112391) $$;


-- Nothing is posted into a closed month. In a function, each statement sees what has committed
-- before it starts, so the month is read after the lock.
CREATE FUNCTION rewards_transfers_are_open() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE closed_to timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(7021390418825112391);
    SELECT max(ends_at) INTO closed_to FROM rewards_closedperiod;
    IF EXISTS (SELECT 1 FROM fresh WHERE effective_at < closed_to) THEN
        RAISE EXCEPTION 'the books are closed up to %', closed_to USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER transfers_are_open AFTER INSERT ON rewards_transfer
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION rewards_transfers_are_open();
ALTER TABLE rewards_transfer ENABLE ALWAYS TRIGGER transfers_are_open;


-- A month stays closed.
CREATE TRIGGER closedperiod_stands BEFORE UPDATE OR DELETE ON rewards_closedperiod
    FOR EACH ROW EXECUTE FUNCTION rewards_stands();
ALTER TABLE rewards_closedperiod ENABLE ALWAYS TRIGGER closedperiod_stands;
CREATE TRIGGER closedperiod_not_emptied BEFORE TRUNCATE ON rewards_closedperiod
    FOR EACH STATEMENT EXECUTE FUNCTION rewards_stands();
ALTER TABLE rewards_closedperiod ENABLE ALWAYS TRIGGER closedperiod_not_emptied;


-- A role for processes that may add to the books and can never rewrite them: it owns nothing, so
-- it cannot switch a trigger off either. Roles belong to the whole server: another database may
-- have made it, and a server may not let us.
DO $$
BEGIN
    BEGIN
        CREATE ROLE dure_app NOLOGIN;
    EXCEPTION
        WHEN duplicate_object OR unique_violation THEN NULL;
        WHEN insufficient_privilege THEN
            RAISE NOTICE 'role dure_app is not made: this user may not make roles';
    END;
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'dure_app') THEN
        GRANT USAGE ON SCHEMA public TO dure_app;
        GRANT SELECT ON ALL TABLES IN SCHEMA public TO dure_app;
        GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO dure_app;
        GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO dure_app;
        GRANT INSERT ON rewards_account, rewards_balance, rewards_transfer, rewards_entry,
            rewards_hold, rewards_closedperiod TO dure_app;
        GRANT UPDATE (posted, pending_out, version) ON rewards_balance TO dure_app;
    END IF;
END $$;
