-- A code is for who is leaving; a claim is for who has left, with their newest code; a redemption
-- out of a claim is its owner's and goes to a bank account.

CREATE FUNCTION rewards_code_is_for_who_leaves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF octet_length(NEW.digest) <> 32 OR EXISTS (
        SELECT FROM governance_erasure WHERE party_id = NEW.party_id AND erased_at IS NOT NULL
    ) OR NOT EXISTS (
        SELECT FROM governance_rightsrequest
        WHERE party_id = NEW.party_id AND kind = 'erasure' AND state IN ('received', 'granted')
    ) THEN
        RAISE EXCEPTION 'a claim code is for somebody who is leaving'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER code_is_for_who_leaves BEFORE INSERT ON rewards_claimcode
    FOR EACH ROW EXECUTE FUNCTION rewards_code_is_for_who_leaves();

CREATE FUNCTION rewards_claim_is_of_who_left() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    owner uuid := (SELECT party_id FROM rewards_claimcode WHERE id = NEW.code_id);
BEGIN
    IF NOT EXISTS (
        SELECT FROM governance_erasure WHERE party_id = owner AND erased_at IS NOT NULL
    ) OR NEW.code_id <> (
        SELECT id FROM rewards_claimcode WHERE party_id = owner ORDER BY at DESC, id DESC LIMIT 1
    ) THEN
        RAISE EXCEPTION 'a claim needs the newest code of somebody who has left'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER claim_is_of_who_left BEFORE INSERT ON rewards_provenclaim
    FOR EACH ROW EXECUTE FUNCTION rewards_claim_is_of_who_left();

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['claimcode', 'provenclaim']
    LOOP
        EXECUTE format('CREATE TRIGGER %I_stands BEFORE UPDATE OR DELETE ON rewards_%I
                        FOR EACH ROW EXECUTE FUNCTION rewards_stands()', name, name);
        EXECUTE format('CREATE TRIGGER %I_not_emptied BEFORE TRUNCATE ON rewards_%I
                        FOR EACH STATEMENT EXECUTE FUNCTION rewards_stands()', name, name);
        EXECUTE format('ALTER TABLE rewards_%I ENABLE ALWAYS TRIGGER %I_stands', name, name);
        EXECUTE format('ALTER TABLE rewards_%I ENABLE ALWAYS TRIGGER %I_not_emptied', name, name);
    END LOOP;
END $$;
ALTER TABLE rewards_claimcode ENABLE ALWAYS TRIGGER code_is_for_who_leaves;
ALTER TABLE rewards_provenclaim ENABLE ALWAYS TRIGGER claim_is_of_who_left;

CREATE FUNCTION rewards_claimed_is_its_owners() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.proven_claim_id IS NOT NULL AND (
        NEW.rail <> 'bank' OR NEW.party_id IS DISTINCT FROM (
            SELECT code.party_id FROM rewards_provenclaim claim
            JOIN rewards_claimcode code ON code.id = claim.code_id
            WHERE claim.id = NEW.proven_claim_id)
    ) THEN
        RAISE EXCEPTION 'a claim pays its own owner, to a bank account'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.proven_claim_id IS DISTINCT FROM OLD.proven_claim_id THEN
        RAISE EXCEPTION 'redemption % stands as it is', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER claimed_is_its_owners BEFORE INSERT OR UPDATE ON rewards_redemption
    FOR EACH ROW EXECUTE FUNCTION rewards_claimed_is_its_owners();
ALTER TABLE rewards_redemption ENABLE ALWAYS TRIGGER claimed_is_its_owners;
