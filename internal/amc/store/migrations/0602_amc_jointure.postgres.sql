-- The versions in force; fin is 9999-12-31 while open.
CREATE TABLE amc_contrat (
	tenant TEXT NOT NULL, numero TEXT NOT NULL, debut TEXT NOT NULL, fin TEXT NOT NULL, empreinte TEXT NOT NULL,
	PRIMARY KEY (tenant, numero, debut)
);

CREATE TABLE amc_adhesion (
	tenant TEXT NOT NULL, reference TEXT NOT NULL, debut TEXT NOT NULL, fin TEXT NOT NULL, contrat TEXT NOT NULL,
	suspendu_debut TEXT NOT NULL, suspendu_fin TEXT NOT NULL,
	PRIMARY KEY (tenant, reference, debut)
);
