-- The moves of an invoice are kept in its row: it is written at each of them, and three
-- rows and their index are not. bouge is the instant of the last.
ALTER TABLE liq_facture ADD COLUMN vie TEXT NOT NULL DEFAULT '';
ALTER TABLE liq_facture ADD COLUMN bouge BIGINT NOT NULL DEFAULT 0;
UPDATE liq_facture f SET vie = x.vie, bouge = x.bouge
FROM (SELECT tenant, finess, numero, annee, MAX(instant) AS bouge,
		string_agg(instant || chr(9) || avant || chr(9) || evenement || chr(9) || apres || chr(9) || code || chr(9) || retour || chr(10), '' ORDER BY instant) AS vie
	FROM liq_moment GROUP BY tenant, finess, numero, annee) x
WHERE x.tenant = f.tenant AND x.finess = f.finess AND x.numero = f.numero AND x.annee = f.annee;
DROP TABLE liq_moment;
