-- A batch is sent by somebody, who is kept with it.
CREATE OR REPLACE FUNCTION rewards_batch_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR
        (NEW.id, NEW.rail, NEW.asset, NEW.message_id, NEW.policy_number, NEW.count, NEW.total,
         NEW.control_sum, NEW.execute_on, NEW.file_id, NEW.file_format, NEW.file_sha256,
         NEW.proposer_id, NEW.proposed_at)
        IS DISTINCT FROM
        (OLD.id, OLD.rail, OLD.asset, OLD.message_id, OLD.policy_number, OLD.count, OLD.total,
         OLD.control_sum, OLD.execute_on, OLD.file_id, OLD.file_format, OLD.file_sha256,
         OLD.proposer_id, OLD.proposed_at)
        OR NOT ((OLD.state, NEW.state) IN (('proposed', 'approved'), ('approved', 'sent'),
                ('proposed', 'discarded'), ('approved', 'discarded')))
        OR (OLD.approver_id IS NOT NULL AND
            (NEW.approver_id, NEW.approved_at) IS DISTINCT FROM (OLD.approver_id, OLD.approved_at))
        OR (NEW.state = 'sent') <> (NEW.sender_id IS NOT NULL)
    THEN
        RAISE EXCEPTION 'batch % stands as it is', OLD.message_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

-- An answer is counted once, after its lines are in. One that waits is taken over or discarded
-- once; what it is and why it waited never changes.
CREATE OR REPLACE FUNCTION rewards_import_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.counts <> '{}'::jsonb OR
        (NEW.id, NEW.rail, NEW.file_format, NEW.file_id, NEW.sha256, NEW.message_id,
         NEW.importer_id, NEW.imported_at, NEW.doubts)
        IS DISTINCT FROM
        (OLD.id, OLD.rail, OLD.file_format, OLD.file_id, OLD.sha256, OLD.message_id,
         OLD.importer_id, OLD.imported_at, OLD.doubts)
        OR (OLD.state <> 'waiting' AND
            (NEW.state, NEW.confirmer_id, NEW.decided_at)
            IS DISTINCT FROM (OLD.state, OLD.confirmer_id, OLD.decided_at))
        OR (NEW.state <> 'taken' AND NEW.counts <> '{}'::jsonb)
    THEN
        RAISE EXCEPTION 'answer % stands as it is', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

-- No line of a file that waits, or was discarded, is taken over.
CREATE FUNCTION rewards_event_of_taken() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM rewards_railimport WHERE id = NEW.source_id AND state = 'taken'
    ) THEN
        RAISE EXCEPTION 'answer % is not taken over', NEW.source_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER event_of_taken BEFORE INSERT ON rewards_railevent
    FOR EACH ROW EXECUTE FUNCTION rewards_event_of_taken();
ALTER TABLE rewards_railevent ENABLE ALWAYS TRIGGER event_of_taken;

-- What goes out to a rail is paid, refused or back because a line of a file says so or two persons
-- do. A file that one person brought may say of what somebody else sent that it was paid; whatever
-- else it says takes a second person, and so does whoever sent the batch. By hand the one who agrees
-- is not the one who sent it. What never went out is given back by one.
CREATE FUNCTION rewards_answered_by_two() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    said CONSTANT text := CASE WHEN NEW.state = 'settled' THEN 'settled'
                               WHEN OLD.state = 'held' THEN 'failed' ELSE 'returned' END;
    act CONSTANT text := CASE said WHEN 'returned' THEN 'return' ELSE said END;
BEGIN
    IF NEW.state = OLD.state OR NEW.rail = 'fund' THEN
        RETURN NEW;
    END IF;
    IF EXISTS (
        SELECT FROM rewards_payoutitem item
        JOIN rewards_payoutbatch batch ON batch.id = item.batch_id
        JOIN rewards_railevent event ON event.item_id = item.uid
        JOIN rewards_railimport source ON source.id = event.source_id
        WHERE item.redemption_id = NEW.id AND event.kind = said AND event.outcome = 'applied'
          AND (source.confirmer_id IS NOT NULL
               OR (said = 'settled' AND source.importer_id <> batch.sender_id))
    ) THEN
        RETURN NEW;
    END IF;
    IF said = 'failed' AND NOT EXISTS (
        SELECT FROM rewards_payoutitem item
        JOIN rewards_payoutbatch batch ON batch.id = item.batch_id
        WHERE item.redemption_id = NEW.id AND batch.state = 'sent'
    ) THEN
        RETURN NEW;
    END IF;
    IF EXISTS (
        SELECT FROM governance_proposal proposal
        WHERE proposal.kind = act || ':' || replace(NEW.id::text, '-', '')
          AND proposal.decided_at IS NOT NULL
          AND NOT (act = 'settled' AND EXISTS (
              SELECT FROM rewards_payoutitem item
              JOIN rewards_payoutbatch batch ON batch.id = item.batch_id
              WHERE item.redemption_id = NEW.id AND batch.sender_id = proposal.approver_id))
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'redemption % needs an answer of its rail, or two persons', NEW.id
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER answered_by_two BEFORE UPDATE ON rewards_redemption
    FOR EACH ROW EXECUTE FUNCTION rewards_answered_by_two();
ALTER TABLE rewards_redemption ENABLE ALWAYS TRIGGER answered_by_two;
