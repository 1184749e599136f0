-- The end that was announced of a key, when its number gives nothing more; 0 while it may sign.
ALTER TABLE accreditation_cle ADD COLUMN fin_avant BIGINT NOT NULL DEFAULT 0;
