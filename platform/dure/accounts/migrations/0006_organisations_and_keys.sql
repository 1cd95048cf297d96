-- An organisation that has members has an owner among them.
--
-- Asked at the end of the transaction, under the lock of the organisation: two owners who step down
-- at the same time are judged one after the other.
CREATE FUNCTION accounts_an_owner_is_left() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    one uuid;
BEGIN
    one := CASE WHEN TG_OP = 'INSERT' THEN NEW.organisation_id ELSE OLD.organisation_id END;
    PERFORM 1 FROM accounts_organisation WHERE id = one FOR UPDATE;
    IF EXISTS (SELECT 1 FROM accounts_membership WHERE organisation_id = one)
       AND NOT EXISTS (SELECT 1 FROM accounts_membership
                       WHERE organisation_id = one AND role = 'owner') THEN
        RAISE EXCEPTION 'organisation % is left without an owner', one
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER an_owner_is_left
    AFTER INSERT OR UPDATE OR DELETE ON accounts_membership
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION accounts_an_owner_is_left();

CREATE FUNCTION accounts_membership_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.person_id, NEW.organisation_id) IS DISTINCT FROM (OLD.person_id, OLD.organisation_id)
    THEN
        RAISE EXCEPTION 'a membership does not change hands' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER membership_stands
    BEFORE UPDATE ON accounts_membership
    FOR EACH ROW EXECUTE FUNCTION accounts_membership_stands();

-- Live keys of an organisation begin after its review; no key changes hands or opens more than it
-- was made for; one that was ended stays ended, and no key is lengthened.
CREATE FUNCTION accounts_key_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.live AND NEW.organisation_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM accounts_organisation
            WHERE id = NEW.organisation_id AND live_since IS NOT NULL
        ) THEN
            RAISE EXCEPTION 'organisation % has not been reviewed', NEW.organisation_id
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.person_id, NEW.organisation_id, NEW.live, NEW.digest, NEW.scopes, NEW.created_at)
       IS DISTINCT FROM
       (OLD.person_id, OLD.organisation_id, OLD.live, OLD.digest, OLD.scopes, OLD.created_at) THEN
        RAISE EXCEPTION 'what key % opens does not change', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at
       OR NEW.expires_at > OLD.expires_at THEN
        RAISE EXCEPTION 'key % ends when it was to end', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER key_stands
    BEFORE INSERT OR UPDATE ON accounts_apikey
    FOR EACH ROW EXECUTE FUNCTION accounts_key_stands();

-- A decision about live access is taken once, and an organisation goes live by such a decision.
CREATE FUNCTION accounts_review_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'asked'
       OR (NEW.organisation_id, NEW.purpose, NEW.asked_by_id, NEW.asked_at)
          IS DISTINCT FROM
          (OLD.organisation_id, OLD.purpose, OLD.asked_by_id, OLD.asked_at) THEN
        RAISE EXCEPTION 'review % stands', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER review_stands
    BEFORE UPDATE ON accounts_livereview
    FOR EACH ROW EXECUTE FUNCTION accounts_review_stands();

-- What was logged or tried is not rewritten; it goes by age alone.
CREATE FUNCTION accounts_line_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a line of % stands as it was written', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER logged_request_stands
    BEFORE UPDATE ON accounts_loggedrequest
    FOR EACH ROW EXECUTE FUNCTION accounts_line_stands();
CREATE TRIGGER webhook_attempt_stands
    BEFORE UPDATE ON accounts_webhookattempt
    FOR EACH ROW EXECUTE FUNCTION accounts_line_stands();
