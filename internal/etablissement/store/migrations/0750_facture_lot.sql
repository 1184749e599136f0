-- The invoices of a batch, in the order in which they are read: a partial index was
-- left aside for the primary key, which reads all those of the hospital.
DROP INDEX etab_facture_lot;
CREATE INDEX etab_facture_lot ON etab_facture (tenant, lot, numero);
