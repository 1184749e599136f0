-- Invoices that left, in the order in which their term comes.
CREATE INDEX etab_facture_terme ON etab_facture (tenant, instant) WHERE lot <> '';
