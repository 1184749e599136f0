-- The way by which an invoice leaves, empty for the exchange, and the number that
-- stands for it in a B2 file, empty in another form.
ALTER TABLE etab_facture ADD COLUMN voie TEXT NOT NULL DEFAULT '';
ALTER TABLE etab_facture ADD COLUMN reference TEXT NOT NULL DEFAULT '';
CREATE INDEX etab_facture_reference ON etab_facture (tenant, reference) WHERE reference <> '';
ALTER TABLE etab_lot ADD COLUMN voie TEXT NOT NULL DEFAULT '';

-- The last number drawn for a B2 file.
CREATE TABLE etab_reference (
	tenant  TEXT   NOT NULL PRIMARY KEY,
	dernier BIGINT NOT NULL
);

-- The return files read, by their digest, and how far.
CREATE TABLE etab_fichier (
	tenant    TEXT   NOT NULL,
	empreinte BYTEA  NOT NULL,
	nom       TEXT   NOT NULL,
	remis     TEXT   NOT NULL,
	amc       TEXT   NOT NULL,
	reference TEXT   NOT NULL,
	taille    BIGINT NOT NULL,
	instant   BIGINT NOT NULL,
	etat      TEXT   NOT NULL,
	code      TEXT   NOT NULL,
	faites    BIGINT NOT NULL,
	chargees  BIGINT NOT NULL,
	montant   BIGINT NOT NULL,
	refusees  BIGINT NOT NULL,
	refus     TEXT   NOT NULL,
	PRIMARY KEY (tenant, empreinte)
);
CREATE INDEX etab_fichier_instant ON etab_fichier (tenant, instant);

-- What files said of invoices and had its effect: once, whatever the file.
CREATE TABLE etab_fichier_retour (
	tenant   TEXT   NOT NULL,
	amc      TEXT   NOT NULL,
	facture  TEXT   NOT NULL,
	lot      TEXT   NOT NULL,
	nature   TEXT   NOT NULL,
	jour     TEXT   NOT NULL,
	virement TEXT   NOT NULL,
	montant  BIGINT NOT NULL,
	fichier  BYTEA  NOT NULL,
	instant  BIGINT NOT NULL,
	PRIMARY KEY (tenant, amc, facture, lot, nature, jour, virement, montant)
);
