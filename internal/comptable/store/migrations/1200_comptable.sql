-- The books of the comptable public. Entries are never changed; what they add up
-- to is kept beside, in the same transaction, and bounded by the schema itself.

-- One row for each book: its only writer holds it, and numbers from it.
CREATE TABLE cpt_livre (
	tenant   TEXT   NOT NULL PRIMARY KEY,
	piece    BIGINT NOT NULL,
	revision BIGINT NOT NULL
);

CREATE TABLE cpt_exercice (
	tenant   TEXT   NOT NULL,
	exercice BIGINT NOT NULL,
	titre    BIGINT NOT NULL,
	PRIMARY KEY (tenant, exercice)
);

CREATE TABLE cpt_debiteur (
	tenant  TEXT NOT NULL,
	amc     TEXT NOT NULL,
	libelle TEXT NOT NULL,
	PRIMARY KEY (tenant, amc)
);

CREATE TABLE cpt_titre (
	tenant   TEXT   NOT NULL,
	exercice BIGINT NOT NULL,
	numero   BIGINT NOT NULL,
	amc      TEXT   NOT NULL,
	annee    BIGINT NOT NULL,
	facture  TEXT   NOT NULL,
	lot      TEXT   NOT NULL,
	montant  BIGINT NOT NULL,
	reduit   BIGINT NOT NULL,
	paye     BIGINT NOT NULL,
	perdu    BIGINT NOT NULL,
	reste    BIGINT NOT NULL,
	emis     TEXT   NOT NULL,
	accuse   TEXT   NOT NULL,
	connu    TEXT   NOT NULL,
	echeance TEXT   NOT NULL,
	message  TEXT   NOT NULL,
	feuille  TEXT   NOT NULL,
	PRIMARY KEY (tenant, exercice, numero),
	CHECK (montant > 0 AND reduit >= 0 AND paye >= 0 AND perdu >= 0 AND reste >= 0),
	CHECK (reste = montant - reduit - paye - perdu)
);
-- The invoice comes first: with the tenant first, PostgreSQL may plan on an empty
-- table to find a titre by its key through this index, and keep that plan.
CREATE UNIQUE INDEX cpt_titre_facture ON cpt_titre (facture, tenant, annee);
-- What is owed; a titre that is settled leaves it.
CREATE INDEX cpt_titre_ouvert ON cpt_titre (tenant, exercice, numero) WHERE reste > 0;

CREATE TABLE cpt_annonce (
	tenant      TEXT   NOT NULL,
	payeur      TEXT   NOT NULL,
	retour      TEXT   NOT NULL,
	reference   TEXT   NOT NULL,
	normalisee  TEXT   NOT NULL,
	compte      TEXT   NOT NULL,
	comptable   TEXT   NOT NULL,
	mandatement TEXT   NOT NULL,
	contact     TEXT   NOT NULL,
	total       BIGINT NOT NULL,
	reste       BIGINT NOT NULL,
	message     TEXT   NOT NULL,
	feuille     TEXT   NOT NULL,
	PRIMARY KEY (tenant, payeur, retour),
	CHECK (reste >= 0 AND reste <= total)
);
CREATE INDEX cpt_annonce_reference ON cpt_annonce (tenant, normalisee) WHERE reste > 0;
CREATE INDEX cpt_annonce_montant ON cpt_annonce (tenant, reste, comptable) WHERE reste > 0;

CREATE TABLE cpt_annoncee (
	tenant  TEXT   NOT NULL,
	payeur  TEXT   NOT NULL,
	retour  TEXT   NOT NULL,
	rang    BIGINT NOT NULL,
	facture TEXT   NOT NULL,
	lot     TEXT   NOT NULL,
	montant BIGINT NOT NULL,
	reste   BIGINT NOT NULL,
	PRIMARY KEY (tenant, payeur, retour, rang),
	CHECK (reste >= 0 AND reste <= montant)
);

CREATE TABLE cpt_releve (
	tenant    TEXT   NOT NULL,
	empreinte TEXT   NOT NULL,
	instant   BIGINT NOT NULL,
	rapport   BYTEA  NOT NULL,
	PRIMARY KEY (tenant, empreinte)
);

CREATE TABLE cpt_ligne (
	tenant       TEXT   NOT NULL,
	id           TEXT   NOT NULL,
	releve       TEXT   NOT NULL,
	place        BIGINT NOT NULL,
	compte       TEXT   NOT NULL,
	jour         TEXT   NOT NULL,
	valeur       TEXT   NOT NULL,
	sens         TEXT   NOT NULL,
	montant      BIGINT NOT NULL,
	reste        BIGINT NOT NULL,
	extourne     BIGINT NOT NULL,
	reference    TEXT   NOT NULL,
	bout_en_bout TEXT   NOT NULL,
	remises      TEXT   NOT NULL,
	libelle      TEXT   NOT NULL,
	contrepartie TEXT   NOT NULL,
	doute        TEXT   NOT NULL,
	cite         TEXT   NOT NULL,
	-- The revision of the book that the line was examined at; beyond all of them
	-- when it waits for a person.
	revision     BIGINT NOT NULL,
	PRIMARY KEY (tenant, id),
	CHECK (montant > 0 AND reste >= 0 AND reste <= montant),
	CHECK (sens IN ('C', 'D'))
);
CREATE INDEX cpt_ligne_examen ON cpt_ligne (tenant, revision, jour, id) WHERE reste > 0;
CREATE INDEX cpt_ligne_file ON cpt_ligne (tenant, jour, id) WHERE reste > 0;
CREATE INDEX cpt_ligne_cite ON cpt_ligne (tenant, cite) WHERE reste > 0 AND cite <> '';
CREATE INDEX cpt_ligne_montant ON cpt_ligne (tenant, reste, jour) WHERE reste > 0;

CREATE TABLE cpt_piece (
	tenant      TEXT   NOT NULL,
	numero      BIGINT NOT NULL,
	motif       TEXT   NOT NULL,
	score       BIGINT NOT NULL,
	agent       TEXT   NOT NULL,
	raison      TEXT   NOT NULL,
	origine     TEXT   NOT NULL,
	instant     BIGINT NOT NULL,
	connu       TEXT   NOT NULL,
	contrepasse BIGINT NOT NULL,
	PRIMARY KEY (tenant, numero)
);
-- What must be done once is done once, and undone once.
CREATE UNIQUE INDEX cpt_piece_origine ON cpt_piece (tenant, origine) WHERE origine <> '';
CREATE UNIQUE INDEX cpt_piece_contrepasse ON cpt_piece (tenant, contrepasse) WHERE contrepasse > 0;

CREATE TABLE cpt_ecriture (
	tenant   TEXT   NOT NULL,
	piece    BIGINT NOT NULL,
	rang     BIGINT NOT NULL,
	nature   TEXT   NOT NULL,
	signe    BIGINT NOT NULL,
	jour     TEXT   NOT NULL,
	connu    TEXT   NOT NULL,
	amc      TEXT   NOT NULL,
	exercice BIGINT NOT NULL,
	titre    BIGINT NOT NULL,
	ligne    TEXT   NOT NULL,
	autre    TEXT   NOT NULL,
	payeur   TEXT   NOT NULL,
	retour   TEXT   NOT NULL,
	annoncee BIGINT NOT NULL,
	encaisse TEXT   NOT NULL,
	montant  BIGINT NOT NULL,
	PRIMARY KEY (tenant, piece, rang),
	CHECK (montant > 0),
	CHECK (signe IN (1, -1))
);
CREATE INDEX cpt_ecriture_jour ON cpt_ecriture (tenant, jour);
CREATE INDEX cpt_ecriture_connu ON cpt_ecriture (tenant, connu);
CREATE INDEX cpt_ecriture_encaisse ON cpt_ecriture (tenant, encaisse) WHERE encaisse <> '';

-- What the entries of a day, known on a day, add up to; then those of a month,
-- known in a month. A balance reads the months that are over and the days of one.
CREATE TABLE cpt_jour (
	tenant  TEXT   NOT NULL,
	nature  TEXT   NOT NULL,
	amc     TEXT   NOT NULL,
	jour    TEXT   NOT NULL,
	connu   TEXT   NOT NULL,
	montant BIGINT NOT NULL,
	contre  BIGINT NOT NULL,
	PRIMARY KEY (tenant, jour, nature, amc, connu)
);
CREATE INDEX cpt_jour_connu ON cpt_jour (tenant, connu);

CREATE TABLE cpt_mois (
	tenant  TEXT   NOT NULL,
	nature  TEXT   NOT NULL,
	amc     TEXT   NOT NULL,
	mois    TEXT   NOT NULL,
	connu   TEXT   NOT NULL,
	montant BIGINT NOT NULL,
	contre  BIGINT NOT NULL,
	PRIMARY KEY (tenant, nature, amc, mois, connu)
);
