-- The national directory keeps the access points now: what was kept here waits to be taken there. Nothing writes here any more.
ALTER TABLE annuaire_entree RENAME TO annuaire_reprise;
DROP TABLE annuaire_version;
