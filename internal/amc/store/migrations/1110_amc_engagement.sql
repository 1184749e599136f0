-- What an invoice is compared with: who, what was calculated, and the limit of a
-- local calculation, which is not said by zero.
ALTER TABLE amc_engagement ADD COLUMN patient TEXT NOT NULL DEFAULT '';
ALTER TABLE amc_engagement ADD COLUMN calcul TEXT NOT NULL DEFAULT '';
ALTER TABLE amc_engagement ADD COLUMN montant_max BIGINT;
UPDATE amc_engagement SET montant_max = total, total = 0 WHERE genre = 'LOCALE' AND total > 0;
