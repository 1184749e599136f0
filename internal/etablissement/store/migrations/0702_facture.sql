-- Invoices, kept until a batch takes them, then for their returns.
CREATE TABLE etab_facture (
	tenant  TEXT   NOT NULL,
	annee   BIGINT NOT NULL,
	numero  TEXT   NOT NULL,
	venue   TEXT   NOT NULL,
	rang    BIGINT NOT NULL,
	amc     TEXT   NOT NULL,
	lot     TEXT   NOT NULL,
	instant BIGINT NOT NULL,
	contenu BYTEA  NOT NULL,
	PRIMARY KEY (tenant, numero, annee)
);
CREATE INDEX etab_facture_attente ON etab_facture (tenant, instant, numero) WHERE lot = '';
CREATE INDEX etab_facture_lot ON etab_facture (tenant, lot) WHERE lot <> '';

CREATE TABLE etab_lot (
	tenant  TEXT   NOT NULL,
	numero  TEXT   NOT NULL,
	amc     TEXT   NOT NULL,
	nombre  BIGINT NOT NULL,
	total   BIGINT NOT NULL,
	instant BIGINT NOT NULL,
	accuse  BIGINT NOT NULL,
	code    TEXT   NOT NULL,
	PRIMARY KEY (tenant, numero)
);
CREATE INDEX etab_lot_attente ON etab_lot (tenant, instant) WHERE accuse = 0;

-- The last number of batch drawn.
CREATE TABLE etab_lot_numero (
	tenant  TEXT   NOT NULL PRIMARY KEY,
	dernier BIGINT NOT NULL
);
