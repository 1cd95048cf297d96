-- What stands of a version once it is proposed: its reason too.
CREATE OR REPLACE FUNCTION contributions_call_version_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a version of a call is kept' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state <> 'draft' AND (
        (NEW.call_id, NEW.number, NEW.document, NEW.sha256, NEW.author_id, NEW.reason)
        IS DISTINCT FROM (OLD.call_id, OLD.number, OLD.document, OLD.sha256, OLD.author_id, OLD.reason)
    ) THEN
        RAISE EXCEPTION 'version % of a call stands as it was proposed', OLD.number
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
        ('draft', 'proposed'), ('draft', 'superseded'),
        ('proposed', 'published'), ('proposed', 'superseded'),
        ('published', 'superseded'), ('published', 'closed')
    ) THEN
        RAISE EXCEPTION 'a version of a call cannot go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
