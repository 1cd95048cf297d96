-- A patch is what is left of one recalled release, and holds nothing that it did not hold.

CREATE OR REPLACE FUNCTION contributions_release_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'UPDATE' THEN
        RAISE EXCEPTION 'a release is kept' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (NEW.id, NEW.call_id, NEW.purpose, NEW.kind, NEW.requested_by_id, NEW.requested_at
        , NEW.recipient, NEW.patch_of_id, NEW.basis)
       IS DISTINCT FROM
       (OLD.id, OLD.call_id, OLD.purpose, OLD.kind, OLD.requested_by_id, OLD.requested_at
        , OLD.recipient, OLD.patch_of_id, OLD.basis) THEN
        RAISE EXCEPTION 'what release % is does not change', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state IN ('published', 'superseded', 'refused', 'failed') AND NOT (
        OLD.state = 'published' AND NEW.state = 'superseded'
        AND to_jsonb(NEW) - ARRAY['state', 'superseded_at']
            = to_jsonb(OLD) - ARRAY['state', 'superseded_at']
    ) THEN
        RAISE EXCEPTION 'release % stands as it was %', OLD.id, OLD.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state = 'published' AND OLD.state <> 'building' THEN
        RAISE EXCEPTION 'release % has not been built', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;


CREATE FUNCTION contributions_patch_is_of_a_recall() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.patch_of_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM contributions_release whole
        WHERE whole.id = NEW.patch_of_id AND whole.state = 'superseded'
          AND (whole.call_id, whole.call_version_id, whole.purpose, whole.kind, whole.recipient)
            = (NEW.call_id, NEW.call_version_id, NEW.purpose, NEW.kind, NEW.recipient)
    ) THEN
        RAISE EXCEPTION 'a patch is of a recalled release of the same data'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER patch_is_of_a_recall BEFORE INSERT ON contributions_release
    FOR EACH ROW EXECUTE FUNCTION contributions_patch_is_of_a_recall();


CREATE FUNCTION contributions_patch_adds_nothing() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    whole uuid := (SELECT patch_of_id FROM contributions_release WHERE id = NEW.release_id);
    held integer[];
BEGIN
    IF whole IS NULL THEN
        RETURN NEW;
    END IF;
    SELECT rows INTO held FROM contributions_releasemember
    WHERE release_id = whole AND contribution_id = NEW.contribution_id;
    IF held IS NULL OR EXISTS (SELECT unnest(NEW.rows) EXCEPT SELECT unnest(held)) THEN
        RAISE EXCEPTION 'a patch adds nothing to its release'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER patch_adds_nothing BEFORE INSERT ON contributions_releasemember
    FOR EACH ROW EXECUTE FUNCTION contributions_patch_adds_nothing();
