-- A photo stands as it was added, and is added only to what is not over.

CREATE FUNCTION contributions_photo_stands() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    standing text;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        RAISE EXCEPTION 'a photo stands as it was added' USING ERRCODE = 'restrict_violation';
    END IF;
    SELECT state INTO standing FROM contributions_contribution WHERE id = NEW.contribution_id;
    IF standing NOT IN ('received', 'checking', 'accepted', 'returned') THEN
        RAISE EXCEPTION 'a contribution that is over takes no photo'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER photo_stands
    BEFORE INSERT OR UPDATE ON contributions_photo
    FOR EACH ROW EXECUTE FUNCTION contributions_photo_stands();
