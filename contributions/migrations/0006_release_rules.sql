-- A release is never changed: files and members are only added, and only while it is built.

CREATE FUNCTION contributions_release_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'UPDATE' THEN
        RAISE EXCEPTION 'a release is kept' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (NEW.id, NEW.call_id, NEW.purpose, NEW.kind, NEW.requested_by_id, NEW.requested_at)
       IS DISTINCT FROM
       (OLD.id, OLD.call_id, OLD.purpose, OLD.kind, OLD.requested_by_id, OLD.requested_at) THEN
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

CREATE TRIGGER release_stands
    BEFORE UPDATE OR DELETE ON contributions_release
    FOR EACH ROW EXECUTE FUNCTION contributions_release_stands();
CREATE TRIGGER release_is_not_emptied
    BEFORE TRUNCATE ON contributions_release
    FOR EACH STATEMENT EXECUTE FUNCTION contributions_release_stands();


CREATE FUNCTION contributions_release_part_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        RAISE EXCEPTION 'what a release holds is kept' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM contributions_release WHERE id = NEW.release_id AND state = 'building'
    ) THEN
        RAISE EXCEPTION 'nothing is added to a release that is not being built'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER release_file_stands
    BEFORE INSERT OR UPDATE OR DELETE ON contributions_releasefile
    FOR EACH ROW EXECUTE FUNCTION contributions_release_part_stands();
CREATE TRIGGER release_file_is_not_emptied
    BEFORE TRUNCATE ON contributions_releasefile
    FOR EACH STATEMENT EXECUTE FUNCTION contributions_release_part_stands();
CREATE TRIGGER release_member_stands
    BEFORE INSERT OR UPDATE OR DELETE ON contributions_releasemember
    FOR EACH ROW EXECUTE FUNCTION contributions_release_part_stands();
CREATE TRIGGER release_member_is_not_emptied
    BEFORE TRUNCATE ON contributions_releasemember
    FOR EACH STATEMENT EXECUTE FUNCTION contributions_release_part_stands();
