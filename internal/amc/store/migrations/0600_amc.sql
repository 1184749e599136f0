-- Every version of contract that an answer was made from, by digest.
CREATE TABLE amc_contrat_texte (
	tenant TEXT NOT NULL, empreinte TEXT NOT NULL, texte BYTEA NOT NULL,
	PRIMARY KEY (tenant, empreinte)
);

CREATE TABLE amc_beneficiaire (
	tenant TEXT NOT NULL, reference TEXT NOT NULL, adherent TEXT NOT NULL, nir TEXT, nir_assure TEXT,
	nom_naissance TEXT NOT NULL, nom_usage TEXT NOT NULL, prenom TEXT NOT NULL,
	naissance TEXT NOT NULL, rang_gemellaire BIGINT NOT NULL, identite_sure BIGINT NOT NULL,
	rang BIGINT NOT NULL, autres TEXT NOT NULL, empreinte TEXT NOT NULL,
	PRIMARY KEY (tenant, reference)
);
CREATE INDEX amc_beneficiaire_adherent ON amc_beneficiaire (tenant, adherent);
CREATE INDEX amc_beneficiaire_nir ON amc_beneficiaire (tenant, nir);
CREATE INDEX amc_beneficiaire_nir_assure ON amc_beneficiaire (tenant, nir_assure);

CREATE TABLE amc_idb (
	tenant TEXT NOT NULL, finess TEXT NOT NULL, dossier TEXT NOT NULL, id TEXT NOT NULL,
	patient TEXT NOT NULL, beneficiaire TEXT NOT NULL, version TEXT NOT NULL, debut TEXT NOT NULL, fin TEXT NOT NULL,
	rang BIGINT NOT NULL, numero_local TEXT NOT NULL, instant BIGINT NOT NULL,
	PRIMARY KEY (tenant, finess, dossier, id)
);
CREATE INDEX amc_idb_instant ON amc_idb (tenant, instant);

CREATE TABLE amc_simulation (
	tenant TEXT NOT NULL, finess TEXT NOT NULL, dossier TEXT NOT NULL, id TEXT NOT NULL,
	oubliee_le TEXT NOT NULL, instant BIGINT NOT NULL,
	PRIMARY KEY (tenant, finess, dossier, id)
);
CREATE INDEX amc_simulation_instant ON amc_simulation (tenant, instant);

-- One row for each dossier that was calculated: its lock.
CREATE TABLE amc_dossier (
	tenant TEXT NOT NULL, finess TEXT NOT NULL, dossier TEXT NOT NULL, passages BIGINT NOT NULL,
	PRIMARY KEY (tenant, finess, dossier)
);

-- An engagement is never deleted: cancelled, it keeps its number; past its term,
-- its contents are blanked and its row remains.
CREATE TABLE amc_engagement (
	tenant TEXT NOT NULL, numero TEXT NOT NULL, genre TEXT NOT NULL, finess TEXT NOT NULL, dossier TEXT NOT NULL,
	periode_debut TEXT NOT NULL, periode_fin TEXT NOT NULL, etat TEXT NOT NULL, debut TEXT NOT NULL, fin TEXT NOT NULL,
	total BIGINT NOT NULL, idb TEXT NOT NULL, beneficiaire TEXT NOT NULL, version TEXT NOT NULL,
	lignes TEXT NOT NULL, annule_le TEXT NOT NULL, instant BIGINT NOT NULL,
	PRIMARY KEY (tenant, numero)
);
CREATE INDEX amc_engagement_dossier ON amc_engagement (tenant, finess, dossier);
CREATE INDEX amc_engagement_echeance ON amc_engagement (tenant, fin) WHERE etat = 'ENGAGE';
CREATE INDEX amc_engagement_instant ON amc_engagement (tenant, instant) WHERE etat <> 'EFFACE';

-- One row for each person whose counters were taken: its lock.
CREATE TABLE amc_compteur_verrou (
	tenant TEXT NOT NULL, beneficiaire TEXT NOT NULL, prises BIGINT NOT NULL,
	PRIMARY KEY (tenant, beneficiaire)
);

-- Amounts in cents, units in hundredths.
CREATE TABLE amc_compteur (
	tenant TEXT NOT NULL, beneficiaire TEXT NOT NULL, garantie TEXT NOT NULL, periode TEXT NOT NULL,
	montant BIGINT NOT NULL, unites BIGINT NOT NULL,
	PRIMARY KEY (tenant, beneficiaire, garantie, periode),
	CHECK (montant >= 0 AND unites >= 0)
);

-- What each engagement took, until it is given back.
CREATE TABLE amc_consommation (
	tenant TEXT NOT NULL, numero TEXT NOT NULL, garantie TEXT NOT NULL, periode TEXT NOT NULL,
	beneficiaire TEXT NOT NULL, montant BIGINT NOT NULL, unites BIGINT NOT NULL,
	PRIMARY KEY (tenant, numero, garantie, periode)
);
