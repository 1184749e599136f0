-- The moves of an invoice are kept in its row: it is written at each of them, and three
-- rows and their index are not. bouge is the instant of the last.
ALTER TABLE liq_facture ADD COLUMN vie TEXT NOT NULL DEFAULT '';
ALTER TABLE liq_facture ADD COLUMN bouge BIGINT NOT NULL DEFAULT 0;
UPDATE liq_facture SET
	vie = COALESCE((SELECT group_concat(ligne, '') FROM (SELECT instant || char(9) || avant || char(9) || evenement || char(9) || apres || char(9) || code || char(9) || retour || char(10) AS ligne
		FROM liq_moment m WHERE m.tenant = liq_facture.tenant AND m.finess = liq_facture.finess AND m.numero = liq_facture.numero AND m.annee = liq_facture.annee ORDER BY m.instant, m.rowid)), ''),
	bouge = COALESCE((SELECT MAX(instant) FROM liq_moment m WHERE m.tenant = liq_facture.tenant AND m.finess = liq_facture.finess AND m.numero = liq_facture.numero AND m.annee = liq_facture.annee), 0);
DROP TABLE liq_moment;
