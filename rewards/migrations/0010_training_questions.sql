-- A set of questions is what a call published the hash of: it is never changed and never removed.
CREATE TRIGGER trainingquestions_stands BEFORE UPDATE OR DELETE ON rewards_trainingquestions
    FOR EACH ROW EXECUTE FUNCTION rewards_stands();
CREATE TRIGGER trainingquestions_not_truncated BEFORE TRUNCATE ON rewards_trainingquestions
    FOR EACH STATEMENT EXECUTE FUNCTION rewards_stands();
ALTER TABLE rewards_trainingquestions ENABLE ALWAYS TRIGGER trainingquestions_stands;
ALTER TABLE rewards_trainingquestions ENABLE ALWAYS TRIGGER trainingquestions_not_truncated;
