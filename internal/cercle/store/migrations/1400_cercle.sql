CREATE TABLE cercle_version (
	id      BIGINT PRIMARY KEY CHECK (id = 1),
	version BIGINT NOT NULL
);

CREATE TABLE cercle_fait (
	numero      BIGINT PRIMARY KEY,
	tenant      TEXT   NOT NULL,
	structure   TEXT   NOT NULL,
	role        TEXT   NOT NULL CHECK (role IN ('ETABLISSEMENT', 'AMC', 'OPERATEUR', 'RELAIS', 'ANNUAIRE', 'PORTAGE')),
	identifiant TEXT   NOT NULL,
	etat        TEXT   NOT NULL CHECK (etat IN ('admis', 'suspendu', 'retire')),
	effet       BIGINT NOT NULL,
	par         TEXT   NOT NULL,
	le          BIGINT NOT NULL
);
