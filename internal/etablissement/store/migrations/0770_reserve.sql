-- What returns of insurers said without effect, until a person settles it.
CREATE TABLE etab_reserve (
	tenant     TEXT   NOT NULL,
	id_message TEXT   NOT NULL,
	rang       BIGINT NOT NULL,
	instant    BIGINT NOT NULL,
	retour     TEXT   NOT NULL,
	amc        TEXT   NOT NULL,
	nature     TEXT   NOT NULL,
	facture    TEXT   NOT NULL,
	lot        TEXT   NOT NULL,
	etat       TEXT   NOT NULL,
	code       TEXT   NOT NULL,
	montant    BIGINT NOT NULL,
	deja       BIGINT NOT NULL,
	virement   TEXT   NOT NULL,
	cause      TEXT   NOT NULL,
	detail     TEXT   NOT NULL,
	levee      BIGINT NOT NULL DEFAULT 0,
	par        TEXT   NOT NULL DEFAULT '',
	motif      TEXT   NOT NULL DEFAULT '',
	PRIMARY KEY (tenant, id_message, rang)
);
-- Those that wait, the oldest first; those that were settled, by the instant of it.
CREATE INDEX etab_reserve_levee ON etab_reserve (tenant, levee, instant, id_message, rang);
CREATE INDEX etab_reserve_facture ON etab_reserve (tenant, facture);
