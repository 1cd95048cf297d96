-- What somebody said on leaving stands; what they wanted paid or kept waits for its 30 days.

CREATE TRIGGER leavingchoice_stands BEFORE UPDATE OR DELETE ON rewards_leavingchoice
    FOR EACH ROW EXECUTE FUNCTION rewards_stands();
CREATE TRIGGER leavingchoice_not_emptied BEFORE TRUNCATE ON rewards_leavingchoice
    FOR EACH STATEMENT EXECUTE FUNCTION rewards_stands();
ALTER TABLE rewards_leavingchoice ENABLE ALWAYS TRIGGER leavingchoice_stands;
ALTER TABLE rewards_leavingchoice ENABLE ALWAYS TRIGGER leavingchoice_not_emptied;

CREATE FUNCTION rewards_left_waits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    said text := (SELECT wish FROM rewards_leavingchoice
                  WHERE party_id = NEW.party_id ORDER BY at DESC, id DESC LIMIT 1);
BEGIN
    IF NEW.why = 'left' AND said IN ('pay', 'wait')
       AND NEW.claim_by < NEW.set_aside_at + interval '30 days' THEN
        RAISE EXCEPTION 'what % left waits for 30 days', NEW.party_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER left_waits BEFORE INSERT ON rewards_unclaimedamount
    FOR EACH ROW EXECUTE FUNCTION rewards_left_waits();
ALTER TABLE rewards_unclaimedamount ENABLE ALWAYS TRIGGER left_waits;
