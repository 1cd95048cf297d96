-- A licence is what was agreed; one person notes its payment, another confirms it, once.
CREATE OR REPLACE FUNCTION rewards_licence_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.paid_at IS NOT NULL OR
        (NEW.id, NEW.call_id, NEW.party_id, NEW.quote, NEW.total, NEW.agreed_at)
        IS DISTINCT FROM
        (OLD.id, OLD.call_id, OLD.party_id, OLD.quote, OLD.total, OLD.agreed_at)
        OR (OLD.noted_by_id IS NOT NULL AND (NEW.noted_by_id, NEW.noted_at)
            IS DISTINCT FROM (OLD.noted_by_id, OLD.noted_at))
        OR (NEW.paid_at IS NOT NULL AND (OLD.noted_by_id IS NULL OR NEW.confirmed_by_id IS NULL))
        OR (NEW.paid_at IS NULL AND NEW.confirmed_by_id IS NOT NULL)
    THEN
        RAISE EXCEPTION 'licence % stands as it is', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
