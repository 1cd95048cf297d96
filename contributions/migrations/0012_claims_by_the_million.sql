-- Records are claimed by the million: their contribution is asked for once a statement, and asked
-- more than a foreign key asks, namely whether it is one of the call. Contributions are never
-- deleted and never change their call (contribution_moves), so what was true stays true.

CREATE FUNCTION contributions_claims_are_of_the_call() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT call_id, contribution_id FROM came) claimed
        WHERE NOT EXISTS (
            SELECT FROM contributions_contribution held
            WHERE held.id = claimed.contribution_id AND held.call_id = claimed.call_id
        )
    ) THEN
        RAISE EXCEPTION 'a record is claimed for a contribution that is none of the call'
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER fingerprints_are_of_the_call AFTER INSERT ON contributions_recordfingerprint
    REFERENCING NEW TABLE AS came
    FOR EACH STATEMENT EXECUTE FUNCTION contributions_claims_are_of_the_call();
CREATE TRIGGER fingerprints_stay_in_the_call AFTER UPDATE ON contributions_recordfingerprint
    REFERENCING NEW TABLE AS came
    FOR EACH STATEMENT EXECUTE FUNCTION contributions_claims_are_of_the_call();
CREATE TRIGGER waiting_records_are_of_the_call AFTER INSERT ON contributions_waitingrecord
    REFERENCING NEW TABLE AS came
    FOR EACH STATEMENT EXECUTE FUNCTION contributions_claims_are_of_the_call();
CREATE TRIGGER waiting_records_stay_in_the_call AFTER UPDATE ON contributions_waitingrecord
    REFERENCING NEW TABLE AS came
    FOR EACH STATEMENT EXECUTE FUNCTION contributions_claims_are_of_the_call();
