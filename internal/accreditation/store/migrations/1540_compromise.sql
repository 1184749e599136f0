-- Since when a key is known to be in other hands, in milliseconds; 0 when it is not.
ALTER TABLE accreditation_cle ADD COLUMN compromise BIGINT NOT NULL DEFAULT 0;
