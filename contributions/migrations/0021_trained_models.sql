-- Who says that a model was trained holds the release; what was said stands.

CREATE FUNCTION contributions_model_is_of_a_download() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    trained contributions_release;
BEGIN
    SELECT * INTO trained FROM contributions_release WHERE id = NEW.release_id;
    IF NOT EXISTS (
        SELECT FROM contributions_download taken
        JOIN contributions_releasefile file ON file.id = taken.file_id
        WHERE file.release_id = NEW.release_id AND taken.party_id = NEW.party_id
    ) THEN
        RAISE EXCEPTION 'this party has not downloaded the release'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.name = '' OR NEW.rows > trained.records THEN
        RAISE EXCEPTION 'a model has a name, and no more rows than its release'
            USING ERRCODE = 'restrict_violation';
    END IF;
    -- A day to either side: the day of a city is another than that of the clock.
    IF NEW.trained_on < (trained.ended_at - interval '1 day')::date
       OR NEW.trained_on > (NEW.at + interval '1 day')::date THEN
        RAISE EXCEPTION 'a model is trained after its release and before it is told of'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER model_is_of_a_download BEFORE INSERT ON contributions_trainedmodel
    FOR EACH ROW EXECUTE FUNCTION contributions_model_is_of_a_download();


CREATE FUNCTION contributions_model_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'contributions_trainedmodel' THEN
        IF to_jsonb(NEW) ->> 'name' = ''
           AND to_jsonb(NEW) - 'name' = to_jsonb(OLD) - 'name' THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'what was said of a model stands' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER model_stands BEFORE UPDATE OR DELETE ON contributions_trainedmodel
    FOR EACH ROW EXECUTE FUNCTION contributions_model_stands();
CREATE TRIGGER models_stand BEFORE TRUNCATE ON contributions_trainedmodel
    FOR EACH STATEMENT EXECUTE FUNCTION contributions_model_stands();
CREATE TRIGGER model_withdrawal_stands BEFORE UPDATE OR DELETE OR TRUNCATE
    ON contributions_trainedmodelwithdrawal
    FOR EACH STATEMENT EXECUTE FUNCTION contributions_model_stands();
