-- A licence is what was agreed; it is paid once.
CREATE FUNCTION rewards_licence_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.paid_at IS NOT NULL OR
        (NEW.id, NEW.call_id, NEW.party_id, NEW.quote, NEW.total, NEW.agreed_at)
        IS DISTINCT FROM
        (OLD.id, OLD.call_id, OLD.party_id, OLD.quote, OLD.total, OLD.agreed_at)
    THEN
        RAISE EXCEPTION 'licence % stands as it is', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

-- A dividend is frozen; only that it is paid is added, and only when every chunk is.
CREATE FUNCTION rewards_dividend_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (OLD.state, NEW.state) <> ('paying', 'paid') OR
        (NEW.id, NEW.licence_id, NEW.source_id, NEW.amount, NEW.rest, NEW.people, NEW.root,
         NEW.frozen_at)
        IS DISTINCT FROM
        (OLD.id, OLD.licence_id, OLD.source_id, OLD.amount, OLD.rest, OLD.people, OLD.root,
         OLD.frozen_at)
        OR EXISTS (SELECT 1 FROM rewards_dividendchunk c
                   WHERE c.dividend_id = NEW.id AND NOT c.paid)
    THEN
        RAISE EXCEPTION 'dividend % stands as it is', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

-- A chunk is paid once.
CREATE FUNCTION rewards_chunk_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.paid OR NOT NEW.paid OR
        (NEW.dividend_id, NEW.first, NEW.last) IS DISTINCT FROM
        (OLD.dividend_id, OLD.first, OLD.last)
    THEN
        RAISE EXCEPTION 'a chunk of dividend % stands as it is', OLD.dividend_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER licence_moves BEFORE UPDATE OR DELETE ON rewards_licence
    FOR EACH ROW EXECUTE FUNCTION rewards_licence_moves();
CREATE TRIGGER dividend_moves BEFORE UPDATE OR DELETE ON rewards_dividend
    FOR EACH ROW EXECUTE FUNCTION rewards_dividend_moves();
CREATE TRIGGER chunk_moves BEFORE UPDATE OR DELETE ON rewards_dividendchunk
    FOR EACH ROW EXECUTE FUNCTION rewards_chunk_moves();
CREATE TRIGGER dividendshare_stands BEFORE UPDATE OR DELETE ON rewards_dividendshare
    FOR EACH ROW EXECUTE FUNCTION rewards_stands();
ALTER TABLE rewards_licence ENABLE ALWAYS TRIGGER licence_moves;
ALTER TABLE rewards_dividend ENABLE ALWAYS TRIGGER dividend_moves;
ALTER TABLE rewards_dividendchunk ENABLE ALWAYS TRIGGER chunk_moves;
ALTER TABLE rewards_dividendshare ENABLE ALWAYS TRIGGER dividendshare_stands;

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['licence', 'dividend', 'dividendchunk', 'dividendshare'] LOOP
        EXECUTE format('CREATE TRIGGER %I_not_emptied BEFORE TRUNCATE ON rewards_%I
                        FOR EACH STATEMENT EXECUTE FUNCTION rewards_stands()', name, name);
        EXECUTE format('ALTER TABLE rewards_%I ENABLE ALWAYS TRIGGER %I_not_emptied', name, name);
    END LOOP;
END $$;
