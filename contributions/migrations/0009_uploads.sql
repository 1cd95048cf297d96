-- An upload only grows, and what was closed stays closed.

CREATE FUNCTION contributions_upload_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.closed_at IS NOT NULL AND
       (NEW.closed_at, NEW."end", NEW."offset") IS DISTINCT FROM
       (OLD.closed_at, OLD."end", OLD."offset") THEN
        RAISE EXCEPTION 'the upload is closed' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (NEW.id, NEW.person_id, NEW.party_id, NEW.length) IS DISTINCT FROM
       (OLD.id, OLD.person_id, OLD.party_id, OLD.length) OR NEW."offset" < OLD."offset" THEN
        RAISE EXCEPTION 'an upload only grows' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER upload_moves
    BEFORE UPDATE ON contributions_upload
    FOR EACH ROW EXECUTE FUNCTION contributions_upload_moves();
