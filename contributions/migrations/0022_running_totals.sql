-- What pages show of all contributions is kept along with them, in the same transaction, as changes:
-- a row says by how much a sum has moved, and a sum is the sum of its rows. Nobody waits for anybody,
-- as nothing is updated; a worker folds the rows of a sum into one (contributions.totals).

-- Masses come and go while their contribution counts already: its records are recounted.
CREATE FUNCTION contributions_masses_are_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP IN ('UPDATE', 'DELETE') THEN
        INSERT INTO contributions_runningmass (call_id, dimension, key, mass)
        SELECT c.call_id, m.dimension, m.key, -sum(m.mass)
        FROM gone m JOIN contributions_contribution c ON c.id = m.contribution_id
        WHERE c.state = 'accepted' AND c.excluded_at IS NULL
        GROUP BY c.call_id, m.dimension, m.key HAVING sum(m.mass) <> 0;
    END IF;
    IF TG_OP IN ('UPDATE', 'INSERT') THEN
        INSERT INTO contributions_runningmass (call_id, dimension, key, mass)
        SELECT c.call_id, m.dimension, m.key, sum(m.mass)
        FROM come m JOIN contributions_contribution c ON c.id = m.contribution_id
        WHERE c.state = 'accepted' AND c.excluded_at IS NULL
        GROUP BY c.call_id, m.dimension, m.key HAVING sum(m.mass) <> 0;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER masses_come AFTER INSERT ON contributions_stratummass
    REFERENCING NEW TABLE AS come FOR EACH STATEMENT
    EXECUTE FUNCTION contributions_masses_are_kept();
CREATE TRIGGER masses_change AFTER UPDATE ON contributions_stratummass
    REFERENCING OLD TABLE AS gone NEW TABLE AS come FOR EACH STATEMENT
    EXECUTE FUNCTION contributions_masses_are_kept();
CREATE TRIGGER masses_go AFTER DELETE ON contributions_stratummass
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT
    EXECUTE FUNCTION contributions_masses_are_kept();
ALTER TABLE contributions_stratummass ENABLE ALWAYS TRIGGER masses_come,
    ENABLE ALWAYS TRIGGER masses_change, ENABLE ALWAYS TRIGGER masses_go;

-- A contribution begins to count, ends to count, or counts other records than before. Its row is
-- locked then, and its masses change under that lock alone.
CREATE FUNCTION contributions_totals_are_kept() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    came bigint := 0; records bigint := 0; turned int := 0; its contributions_contribution;
BEGIN
    its := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    IF TG_OP <> 'INSERT' AND OLD.state = 'accepted' THEN
        IF NOT OLD.test THEN came := came - 1; records := records - OLD.accepted; END IF;
        IF OLD.excluded_at IS NULL THEN turned := turned - 1; END IF;
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.state = 'accepted' THEN
        IF NOT NEW.test THEN came := came + 1; records := records + NEW.accepted; END IF;
        IF NEW.excluded_at IS NULL THEN turned := turned + 1; END IF;
    END IF;
    IF came <> 0 OR records <> 0 THEN
        INSERT INTO contributions_runningcount (call_id, contributions, records)
        VALUES (its.call_id, came, records);
    END IF;
    IF turned <> 0 THEN
        INSERT INTO contributions_runningmass (call_id, dimension, key, mass)
        SELECT its.call_id, m.dimension, m.key, turned * m.mass
        FROM contributions_stratummass m WHERE m.contribution_id = its.id AND m.mass <> 0;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER totals_follow_a_new AFTER INSERT ON contributions_contribution
    FOR EACH ROW WHEN (NEW.state = 'accepted') EXECUTE FUNCTION contributions_totals_are_kept();
CREATE TRIGGER totals_follow AFTER UPDATE ON contributions_contribution
    FOR EACH ROW WHEN (OLD.state <> NEW.state OR OLD.accepted <> NEW.accepted
        OR (OLD.excluded_at IS NULL) <> (NEW.excluded_at IS NULL))
    EXECUTE FUNCTION contributions_totals_are_kept();
CREATE TRIGGER totals_follow_a_deleted AFTER DELETE ON contributions_contribution
    FOR EACH ROW WHEN (OLD.state = 'accepted') EXECUTE FUNCTION contributions_totals_are_kept();
ALTER TABLE contributions_contribution ENABLE ALWAYS TRIGGER totals_follow_a_new,
    ENABLE ALWAYS TRIGGER totals_follow, ENABLE ALWAYS TRIGGER totals_follow_a_deleted;

INSERT INTO contributions_runningmass (call_id, dimension, key, mass)
SELECT c.call_id, m.dimension, m.key, sum(m.mass)
FROM contributions_stratummass m JOIN contributions_contribution c ON c.id = m.contribution_id
WHERE c.state = 'accepted' AND c.excluded_at IS NULL
GROUP BY c.call_id, m.dimension, m.key HAVING sum(m.mass) <> 0;
INSERT INTO contributions_runningcount (call_id, contributions, records)
SELECT call_id, count(*), coalesce(sum(accepted), 0) FROM contributions_contribution
WHERE state = 'accepted' AND NOT test GROUP BY call_id;
