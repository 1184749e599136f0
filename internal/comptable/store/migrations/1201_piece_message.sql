-- The message that a piece was written from: a reject, an annulative, an acknowledgement.
ALTER TABLE cpt_piece ADD COLUMN message TEXT NOT NULL DEFAULT '';
