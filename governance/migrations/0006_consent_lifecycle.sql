-- Which decision can follow which. A consent that was given can be withdrawn, expire, be
-- invalidated or be revoked; what the city revoked on a legal ground does not come back on the
-- same notice; renewing needs an earlier notice that was agreed to; nothing expires early.
CREATE OR REPLACE FUNCTION governance_consent_transition() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before governance_consentevent;
BEGIN
    SELECT * INTO before FROM governance_consentevent
        WHERE consent_id = NEW.consent_id ORDER BY position DESC LIMIT 1;
    IF NEW.position <> coalesce(before.position, 0) + 1 OR NOT (CASE
        WHEN before.state IS NULL THEN NEW.state IN ('given', 'refused', 'renewed')
        WHEN before.state IN ('given', 'renewed')
            THEN NEW.state IN ('withdrawn', 'expired', 'invalidated', 'revoked')
        WHEN before.state = 'revoked' THEN NEW.state = 'given' AND before.ground = 'guardian'
        ELSE NEW.state = 'given'
    END) THEN
        RAISE EXCEPTION 'consent % cannot go from % to %', NEW.consent_id, before.state, NEW.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state = 'expired' AND NEW.decided_at < before.valid_until THEN
        RAISE EXCEPTION 'consent % is valid for longer', NEW.consent_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state = 'renewed' AND NOT EXISTS (
        SELECT FROM governance_consent mine
        JOIN governance_notice asked ON asked.id = mine.notice_id
        JOIN governance_notice older ON older.scope = asked.scope
            AND older.purpose = asked.purpose AND older.version < asked.version
        JOIN governance_consent earlier ON earlier.notice_id = older.id
            AND earlier.party_id = mine.party_id AND earlier.recipient = mine.recipient
        JOIN governance_consentevent agreed ON agreed.consent_id = earlier.id
            AND agreed.state IN ('given', 'renewed')
        WHERE mine.id = NEW.consent_id
    ) THEN
        RAISE EXCEPTION 'consent % has no earlier notice to renew', NEW.consent_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

-- A decision about a recipient whom the notice does not name is about nobody.
CREATE FUNCTION governance_consent_recipient() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.recipient <> '' AND NOT EXISTS (
        SELECT FROM governance_notice asked
        WHERE asked.id = NEW.notice_id
            AND asked.recipients @> jsonb_build_array(jsonb_build_object('key', NEW.recipient))
    ) THEN
        RAISE EXCEPTION 'the notice of consent % names no such recipient', NEW.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER consent_recipient BEFORE INSERT ON governance_consent FOR EACH ROW
    EXECUTE FUNCTION governance_consent_recipient();
ALTER TABLE governance_consent ENABLE ALWAYS TRIGGER consent_recipient;

-- A measure is approved once; neither it nor what it says changes afterwards.
CREATE TRIGGER consentmeasure_stands BEFORE UPDATE ON governance_consentmeasure FOR EACH ROW
    WHEN (
        OLD.state = 'done'
        OR (NEW.id, NEW.notice_id, NEW.consent_id, NEW.outcome, NEW.ground, NEW.reason,
            NEW.proposed_by_id, NEW.proposed_at)
            IS DISTINCT FROM
            (OLD.id, OLD.notice_id, OLD.consent_id, OLD.outcome, OLD.ground, OLD.reason,
            OLD.proposed_by_id, OLD.proposed_at)
    ) EXECUTE FUNCTION governance_refuse_kept();
CREATE TRIGGER consentmeasure_kept BEFORE DELETE OR TRUNCATE ON governance_consentmeasure
    FOR EACH STATEMENT EXECUTE FUNCTION governance_refuse_kept();
ALTER TABLE governance_consentmeasure ENABLE ALWAYS TRIGGER consentmeasure_stands;
ALTER TABLE governance_consentmeasure ENABLE ALWAYS TRIGGER consentmeasure_kept;
