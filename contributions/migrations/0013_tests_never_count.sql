-- A contribution is a test from its first moment, or never; a test is in no release.

CREATE FUNCTION contributions_test_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.test IS DISTINCT FROM OLD.test THEN
        RAISE EXCEPTION 'contribution % does not become or cease to be a test', OLD.receipt
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER test_stands
    BEFORE UPDATE OF test ON contributions_contribution
    FOR EACH ROW EXECUTE FUNCTION contributions_test_stands();

CREATE FUNCTION contributions_no_test_in_a_release() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM contributions_contribution WHERE id = NEW.contribution_id AND test)
    THEN
        RAISE EXCEPTION 'a test is in no release' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER no_test_in_a_release
    BEFORE INSERT ON contributions_releasemember
    FOR EACH ROW EXECUTE FUNCTION contributions_no_test_in_a_release();
