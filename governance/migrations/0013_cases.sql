-- What an auditor recorded stands; a case takes nothing after its end.
CREATE FUNCTION governance_case_is_open() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ends timestamptz;
    moment timestamptz := (to_jsonb(NEW) ->> TG_ARGV[0])::timestamptz;
BEGIN
    SELECT until INTO ends FROM governance_auditcase WHERE id = NEW.case_id;
    IF moment >= ends
        OR EXISTS (SELECT 1 FROM governance_caseclosing WHERE case_id = NEW.case_id) THEN
        RAISE EXCEPTION 'case % is over: nothing more goes into it', NEW.case_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

-- The seed is the one whose hash was logged, and the head is the first that holds that hash.
CREATE FUNCTION governance_drawing_keeps_its_word() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    stated governance_auditsample;
    ends timestamptz;
    place bigint;
    head governance_logcheckpoint;
BEGIN
    SELECT * INTO stated FROM governance_auditsample WHERE id = NEW.sample_id;
    SELECT until INTO ends FROM governance_auditcase WHERE id = stated.case_id;
    SELECT p.index INTO place FROM governance_logplace p
        JOIN governance_logentry e ON e.origin_seq = p.origin_seq WHERE e.id = stated.log_entry_id;
    SELECT * INTO head FROM governance_logcheckpoint WHERE size > place ORDER BY size LIMIT 1;
    IF NEW.drawn_at >= ends
        OR EXISTS (SELECT 1 FROM governance_caseclosing WHERE case_id = stated.case_id)
        OR encode(sha256(convert_to(NEW.seed, 'UTF8')), 'hex') <> stated.seed_sha256
        OR NEW.checkpoint_size IS DISTINCT FROM head.size
        OR NEW.checkpoint_root IS DISTINCT FROM encode(head.root, 'hex')
        OR jsonb_array_length(NEW.items) <> stated.size THEN
        RAISE EXCEPTION 'sample % cannot be drawn so', NEW.sample_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION governance_finding_corrects_own() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM governance_auditfinding f
        JOIN governance_auditcase earlier ON earlier.id = f.case_id
        JOIN governance_auditcase later ON later.id = NEW.case_id
        WHERE f.id = NEW.supersedes_id AND earlier.auditor_id = later.auditor_id
            AND (f.about_kind, f.about_id) = (NEW.about_kind, NEW.about_id)
    ) THEN
        RAISE EXCEPTION 'finding % corrects none of its auditor''s', NEW.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION governance_answer_by_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM governance_auditfinding f JOIN governance_auditcase c ON c.id = f.case_id
        WHERE f.id = NEW.finding_id AND c.auditor_id = NEW.answered_by_id
    ) OR EXISTS (
        SELECT 1 FROM governance_auditfinding WHERE supersedes_id = NEW.finding_id
    ) THEN
        RAISE EXCEPTION 'finding % cannot be answered so', NEW.finding_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER sample_in_open_case BEFORE INSERT ON governance_auditsample FOR EACH ROW
    EXECUTE FUNCTION governance_case_is_open('committed_at');
CREATE TRIGGER replay_in_open_case BEFORE INSERT ON governance_casereplay FOR EACH ROW
    EXECUTE FUNCTION governance_case_is_open('recorded_at');
CREATE TRIGGER finding_in_open_case BEFORE INSERT ON governance_auditfinding FOR EACH ROW
    EXECUTE FUNCTION governance_case_is_open('found_at');
CREATE TRIGGER drawing_keeps_its_word BEFORE INSERT ON governance_sampledrawing FOR EACH ROW
    EXECUTE FUNCTION governance_drawing_keeps_its_word();
CREATE TRIGGER finding_corrects_own BEFORE INSERT ON governance_auditfinding FOR EACH ROW
    WHEN (NEW.supersedes_id IS NOT NULL) EXECUTE FUNCTION governance_finding_corrects_own();
CREATE TRIGGER answer_by_another BEFORE INSERT ON governance_findinganswer FOR EACH ROW
    EXECUTE FUNCTION governance_answer_by_another();
ALTER TABLE governance_auditsample ENABLE ALWAYS TRIGGER sample_in_open_case;
ALTER TABLE governance_casereplay ENABLE ALWAYS TRIGGER replay_in_open_case;
ALTER TABLE governance_auditfinding ENABLE ALWAYS TRIGGER finding_in_open_case;
ALTER TABLE governance_sampledrawing ENABLE ALWAYS TRIGGER drawing_keeps_its_word;
ALTER TABLE governance_auditfinding ENABLE ALWAYS TRIGGER finding_corrects_own;
ALTER TABLE governance_findinganswer ENABLE ALWAYS TRIGGER answer_by_another;
