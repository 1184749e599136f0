-- The insurer's book of invoices. What moves is apart from what was received:
-- a state that changes never rewrites a content.
CREATE TABLE liq_lot (
	tenant     TEXT   NOT NULL,
	finess     TEXT   NOT NULL,
	numero     TEXT   NOT NULL,
	amc        TEXT   NOT NULL,
	id_message TEXT   NOT NULL,
	recu       BIGINT NOT NULL,
	nombre     BIGINT NOT NULL,
	total      BIGINT NOT NULL,
	empreinte  TEXT   NOT NULL,
	retour     TEXT   NOT NULL,
	compte     TEXT   NOT NULL,
	PRIMARY KEY (tenant, finess, numero)
);
CREATE INDEX liq_lot_recu ON liq_lot (tenant, finess, recu);

CREATE TABLE liq_facture (
	tenant    TEXT   NOT NULL,
	finess    TEXT   NOT NULL,
	numero    TEXT   NOT NULL,
	annee     BIGINT NOT NULL,
	lot       TEXT   NOT NULL,
	etat      TEXT   NOT NULL,
	code      TEXT   NOT NULL,
	demande   BIGINT NOT NULL,
	paye      BIGINT NOT NULL,
	garantie  TEXT   NOT NULL,
	nature    TEXT   NOT NULL,
	corrige   TEXT   NOT NULL,
	recue     BIGINT NOT NULL,
	echeance  TEXT   NOT NULL,
	motif     TEXT   NOT NULL,
	lignes    TEXT   NOT NULL,
	debut     BIGINT NOT NULL,
	taille    BIGINT NOT NULL,
	PRIMARY KEY (tenant, finess, numero, annee),
	CHECK (paye >= 0)
);
-- What is to be paid; what is over leaves it.
CREATE INDEX liq_facture_travail ON liq_facture (tenant, finess, recue, numero) WHERE etat IN ('LIQUIDE', 'PAYE_EN_PARTIE');

-- The invoices of a batch, as they came, one after the other.
CREATE TABLE liq_contenu (
	tenant  TEXT   NOT NULL,
	finess  TEXT   NOT NULL,
	lot     TEXT   NOT NULL,
	octets  BYTEA  NOT NULL,
	PRIMARY KEY (tenant, finess, lot)
);

CREATE TABLE liq_moment (
	tenant    TEXT   NOT NULL,
	finess    TEXT   NOT NULL,
	numero    TEXT   NOT NULL,
	annee     BIGINT NOT NULL,
	instant   BIGINT NOT NULL,
	avant     TEXT   NOT NULL,
	evenement TEXT   NOT NULL,
	apres     TEXT   NOT NULL,
	code      TEXT   NOT NULL
);
CREATE INDEX liq_moment_facture ON liq_moment (tenant, finess, numero, annee, instant);

-- One row for each hospital: its lock while a batch is received.
CREATE TABLE liq_emetteur (
	tenant   TEXT   NOT NULL,
	finess   TEXT   NOT NULL,
	lots     BIGINT NOT NULL,
	PRIMARY KEY (tenant, finess)
);

-- What was said to hospitals: a return acknowledged frees the insurer.
CREATE TABLE liq_retour (
	tenant   TEXT   NOT NULL,
	numero   TEXT   NOT NULL,
	finess   TEXT   NOT NULL,
	nature   TEXT   NOT NULL,
	factures BIGINT NOT NULL,
	total    BIGINT NOT NULL,
	emis     BIGINT NOT NULL,
	acquitte BIGINT NOT NULL,
	code     TEXT   NOT NULL,
	PRIMARY KEY (tenant, numero)
);
CREATE INDEX liq_retour_attente ON liq_retour (tenant, emis) WHERE acquitte = 0;
