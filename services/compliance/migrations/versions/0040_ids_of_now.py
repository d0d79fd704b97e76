"""Decisions under ids of their moment: none is put among the old ones, where nobody looks every minute."""

from alembic import op

revision = "0040"
down_revision = "0039"

FUNCTION = """
CREATE FUNCTION decision_id_is_of_now() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF uuid_extract_version(NEW.id) IS DISTINCT FROM 7 OR
        abs(extract(epoch FROM clock_timestamp() - uuid_extract_timestamp(NEW.id))) > 120
    THEN
        RAISE EXCEPTION 'the id of a decision is not of now: see the clocks of the service and the database'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_decisions_id';
    END IF;
    RETURN NEW;
END $$
"""
TRIGGER = """
CREATE TRIGGER decision_id_is_of_now BEFORE INSERT ON decisions
FOR EACH ROW EXECUTE FUNCTION decision_id_is_of_now()
"""


def upgrade() -> None:
    """The trigger."""
    op.execute(FUNCTION)
    op.execute(TRIGGER)
