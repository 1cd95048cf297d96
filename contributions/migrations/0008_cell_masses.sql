-- Masses of cells are written with the acceptance of a contribution, and again only where a record
-- of it passes to another contribution, by whoever says that it does.

CREATE FUNCTION contributions_cell_mass_stands() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    owner uuid;
BEGIN
    IF TG_OP IN ('UPDATE', 'TRUNCATE') THEN
        RAISE EXCEPTION 'the mass of a cell stands as it was counted'
            USING ERRCODE = 'restrict_violation';
    END IF;
    owner := CASE WHEN TG_OP = 'DELETE' THEN OLD.contribution_id ELSE NEW.contribution_id END;
    IF current_setting('dure.recounting', true) = owner::text THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'INSERT' AND EXISTS (
        SELECT 1 FROM contributions_contribution WHERE id = owner AND state = 'checking'
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'cells are counted when a contribution is accepted'
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER cell_mass_stands
    BEFORE INSERT OR UPDATE OR DELETE ON contributions_cellmass
    FOR EACH ROW EXECUTE FUNCTION contributions_cell_mass_stands();
CREATE TRIGGER cell_mass_is_not_emptied
    BEFORE TRUNCATE ON contributions_cellmass
    FOR EACH STATEMENT EXECUTE FUNCTION contributions_cell_mass_stands();
