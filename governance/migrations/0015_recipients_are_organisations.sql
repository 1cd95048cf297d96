-- A key that a notice has tied to an organisation means that organisation in every later notice of
-- the scope: no consent to one comes to be read as a consent to another.

CREATE FUNCTION governance_recipient_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM jsonb_array_elements(NEW.recipients) mine
        JOIN governance_notice earlier ON earlier.scope = NEW.scope
        CROSS JOIN LATERAL jsonb_array_elements(earlier.recipients) theirs
        WHERE mine ->> 'key' = theirs ->> 'key'
          AND mine ->> 'organisation' <> theirs ->> 'organisation'
    ) THEN
        RAISE EXCEPTION 'a recipient of notice % was another organisation before', NEW.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER notice_recipient_stays BEFORE INSERT ON governance_notice
    FOR EACH ROW EXECUTE FUNCTION governance_recipient_stays();
ALTER TABLE governance_notice ENABLE ALWAYS TRIGGER notice_recipient_stays;
