-- Whether who watches was told of an alert, whatever its month; and what is received in a
-- month, which the quota is judged on too.
ALTER TABLE officine_alerte ADD COLUMN dite BIGINT NOT NULL DEFAULT 0;
CREATE INDEX officine_alerte_a_dire ON officine_alerte (tenant, mois, ps) WHERE dite = 0;
CREATE INDEX officine_facture_mois_recue ON officine_facture (tenant, ps, recue_le);
