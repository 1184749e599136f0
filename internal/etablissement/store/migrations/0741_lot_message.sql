-- The message that carries a batch.
ALTER TABLE etab_lot ADD COLUMN id_message TEXT NOT NULL DEFAULT '';
