-- The accounts of the close of a day. A line is an amount that left a post for
-- another and stands there until the next line takes it away: fin is 0 while it
-- stands where it may leave from, and the day when it left; 9999-12-31 where money
-- stays for ever. Days are counts (sante.Jour) and not texts: ten million invoices
-- are forty million lines.
CREATE TABLE etab_ecriture (
	tenant        TEXT   NOT NULL,
	venue         TEXT   NOT NULL,
	rang          BIGINT NOT NULL,
	n             BIGINT NOT NULL,
	nombre        BIGINT NOT NULL,
	plie          BIGINT NOT NULL,
	jour          BIGINT NOT NULL,
	fin           BIGINT NOT NULL,
	accuse        BIGINT NOT NULL,
	montant       BIGINT NOT NULL,
	amc           TEXT   NOT NULL,
	poste         TEXT   NOT NULL,
	motif         TEXT   NOT NULL,
	origine       TEXT   NOT NULL,
	origine_motif TEXT   NOT NULL,
	facture       TEXT   NOT NULL,
	PRIMARY KEY (tenant, venue, rang, n)
);
-- What is behind a figure.
CREATE INDEX etab_ecriture_jour ON etab_ecriture (tenant, amc, poste, jour, venue, rang, n);
-- What the counters do not hold yet.
CREATE INDEX etab_ecriture_a_plier ON etab_ecriture (tenant, jour) WHERE plie = 0;

-- What each day adds to each post.
CREATE TABLE etab_compteur (
	tenant         TEXT   NOT NULL,
	jour           BIGINT NOT NULL,
	amc            TEXT   NOT NULL,
	poste          TEXT   NOT NULL,
	motif          TEXT   NOT NULL,
	entres         BIGINT NOT NULL,
	entres_montant BIGINT NOT NULL,
	sortis         BIGINT NOT NULL,
	sortis_montant BIGINT NOT NULL,
	PRIMARY KEY (tenant, jour, amc, poste, motif)
);

-- The stocks at the end of one day in four, carried forward.
CREATE TABLE etab_compteur_report (
	tenant  TEXT   NOT NULL,
	jour    BIGINT NOT NULL,
	amc     TEXT   NOT NULL,
	poste   TEXT   NOT NULL,
	motif   TEXT   NOT NULL,
	nombre  BIGINT NOT NULL,
	montant BIGINT NOT NULL,
	PRIMARY KEY (tenant, jour, amc, poste, motif)
);

-- Where the counters of a hospital are: the delay that lateness was counted with,
-- the last day carried forward, the last control.
CREATE TABLE etab_compteur_etat (
	tenant        TEXT   NOT NULL PRIMARY KEY,
	delai         BIGINT NOT NULL,
	report        BIGINT NOT NULL,
	controle_jour BIGINT NOT NULL,
	controle      BIGINT NOT NULL,
	differences   BIGINT NOT NULL
);

-- Coverages of before accounts were kept: 0 until theirs is opened.
ALTER TABLE etab_couverture ADD COLUMN compte BIGINT NOT NULL DEFAULT 0;
CREATE INDEX etab_couverture_compte ON etab_couverture (tenant, venue) WHERE compte = 0;
