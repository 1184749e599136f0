-- An invoice that was late already and moved between posts where payment is awaited
-- came into lateness again, and left it, on that day: its counters forget both.
UPDATE etab_compteur SET entres = etab_compteur.entres - d.nombre, entres_montant = etab_compteur.entres_montant - d.montant,
	sortis = etab_compteur.sortis - d.nombre, sortis_montant = etab_compteur.sortis_montant - d.montant
FROM (SELECT x.tenant, x.jour, x.amc, CAST(SUM(x.nombre) AS BIGINT) AS nombre, CAST(SUM(x.montant) AS BIGINT) AS montant
	FROM etab_ecriture x JOIN etab_compteur_etat e ON e.tenant = x.tenant
	WHERE x.plie = 1 AND x.poste IN ('REMIS', 'ACCUSE', 'RESTE') AND x.origine IN ('REMIS', 'ACCUSE', 'RESTE') AND x.jour > x.accuse + e.delai
	GROUP BY x.tenant, x.jour, x.amc) AS d
WHERE etab_compteur.tenant = d.tenant AND etab_compteur.jour = d.jour AND etab_compteur.amc = d.amc
	AND etab_compteur.poste = 'RETARD' AND etab_compteur.motif = '';
