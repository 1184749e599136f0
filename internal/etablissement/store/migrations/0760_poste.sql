-- What was computed by convention, and what was handed over as a file, have posts of
-- their own: their accounts are moved there as those of before accounts were kept.
UPDATE etab_couverture SET compte = 0 WHERE etat IN ('UNSECURED', 'INVOICED');
