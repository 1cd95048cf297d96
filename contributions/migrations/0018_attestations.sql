-- Who attests a deletion holds what was recalled; what was said stands.

CREATE FUNCTION contributions_attestation_is_true() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM contributions_release WHERE id = NEW.release_id AND state = 'superseded'
    ) OR NOT EXISTS (
        SELECT FROM contributions_download taken
        JOIN contributions_releasefile file ON file.id = taken.file_id
        WHERE file.release_id = NEW.release_id AND taken.party_id = NEW.party_id
    ) THEN
        RAISE EXCEPTION 'nothing that was recalled is with this party'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION contributions_attestation_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an attestation stands' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER attestation_is_true BEFORE INSERT ON contributions_deletionattestation
    FOR EACH ROW EXECUTE FUNCTION contributions_attestation_is_true();
CREATE TRIGGER attestation_stands BEFORE UPDATE OR DELETE OR TRUNCATE
    ON contributions_deletionattestation
    FOR EACH STATEMENT EXECUTE FUNCTION contributions_attestation_stands();
