-- Who was given a file stays noted.

CREATE FUNCTION contributions_download_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a download stays noted' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER download_stands
    BEFORE UPDATE OR DELETE ON contributions_download
    FOR EACH ROW EXECUTE FUNCTION contributions_download_stands();
CREATE TRIGGER download_is_not_emptied
    BEFORE TRUNCATE ON contributions_download
    FOR EACH STATEMENT EXECUTE FUNCTION contributions_download_stands();
