-- The message of a return, and the batches of which it tells: its acknowledgement is
-- a state of theirs.
ALTER TABLE liq_retour ADD COLUMN id_message TEXT NOT NULL DEFAULT '';
CREATE TABLE liq_retour_lot (
	tenant TEXT NOT NULL,
	retour TEXT NOT NULL,
	lot    TEXT NOT NULL,
	PRIMARY KEY (tenant, retour, lot)
);
-- The return that told a payment or a reject.
ALTER TABLE liq_moment ADD COLUMN retour TEXT NOT NULL DEFAULT '';
