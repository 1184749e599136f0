-- Extents of rights without their days, by digest: many accreditations share one.
CREATE TABLE accreditation_conditions (
	tenant TEXT NOT NULL, empreinte TEXT NOT NULL, texte BYTEA NOT NULL,
	PRIMARY KEY (tenant, empreinte)
);

-- Accreditations issued. Days are ISO, instants milliseconds; effet is '' while the
-- accreditation is not revoked, publiee
-- the day of the first list that tells it, '' before.
CREATE TABLE accreditation_emise (
	tenant TEXT NOT NULL, numero TEXT NOT NULL, beneficiaire TEXT NOT NULL, personne TEXT NOT NULL, categorie TEXT NOT NULL,
	convention TEXT NOT NULL, ps TEXT NOT NULL, conditions TEXT NOT NULL, debut TEXT NOT NULL, fin TEXT NOT NULL,
	emission BIGINT NOT NULL, lien TEXT NOT NULL, effet TEXT NOT NULL, motif TEXT NOT NULL, publiee TEXT NOT NULL,
	PRIMARY KEY (tenant, numero)
);
CREATE INDEX accreditation_emise_beneficiaire ON accreditation_emise (tenant, beneficiaire, fin);
CREATE INDEX accreditation_emise_attente ON accreditation_emise (tenant, numero) WHERE effet <> '' AND publiee = '';
CREATE INDEX accreditation_emise_revoquee ON accreditation_emise (tenant, effet, numero) WHERE effet <> '';
CREATE INDEX accreditation_emise_emission ON accreditation_emise (tenant, emission);

-- Published lists of revoked accreditations: whole, and as a change of the one before
-- (empty when it must be fetched whole).
CREATE TABLE accreditation_lar (
	tenant TEXT NOT NULL, numero BIGINT NOT NULL, emission BIGINT NOT NULL, complete BYTEA NOT NULL, delta BYTEA NOT NULL,
	PRIMARY KEY (tenant, numero)
);

-- Public keys of the issuer, by name: a key that no longer signs is still published
-- until its end.
CREATE TABLE accreditation_cle (
	tenant TEXT NOT NULL, kid TEXT NOT NULL, emploi TEXT NOT NULL, spki BYTEA NOT NULL, debut BIGINT NOT NULL, fin BIGINT NOT NULL,
	PRIMARY KEY (tenant, kid)
);

-- Editions of the signed lists of administration: a restart publishes the same again.
CREATE TABLE accreditation_liste (
	tenant TEXT NOT NULL, genre TEXT NOT NULL, numero BIGINT NOT NULL, emission BIGINT NOT NULL, empreinte TEXT NOT NULL,
	PRIMARY KEY (tenant, genre, numero)
);

-- Counters that workstations send back, one row for a professional and a day.
CREATE TABLE accreditation_compteurs (
	tenant TEXT NOT NULL, jour TEXT NOT NULL, ps TEXT NOT NULL, scelle BIGINT NOT NULL, corps BYTEA NOT NULL,
	PRIMARY KEY (tenant, jour, ps)
);
