-- Each workstation of a professional counts for itself: what it seals takes the place of what
-- it sealed before, and of no other's. variante is then its identifier.
ALTER TABLE accreditation_journee ADD COLUMN scelle BIGINT NOT NULL DEFAULT 0;
UPDATE accreditation_journee SET scelle = 1 WHERE variante = '';
