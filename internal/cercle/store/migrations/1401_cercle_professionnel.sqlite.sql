-- Professionals act under their billing number, by their card; a third
-- party under its number. SQLite changes no constraint
-- in place.
CREATE TABLE cercle_fait_1401 (
	numero      BIGINT PRIMARY KEY,
	tenant      TEXT   NOT NULL,
	structure   TEXT   NOT NULL,
	role        TEXT   NOT NULL CHECK (role IN ('ETABLISSEMENT', 'AMC', 'OPERATEUR', 'RELAIS', 'ANNUAIRE', 'PROFESSIONNEL', 'TIERS', 'PORTAGE')),
	identifiant TEXT   NOT NULL,
	etat        TEXT   NOT NULL CHECK (etat IN ('admis', 'suspendu', 'retire')),
	effet       BIGINT NOT NULL,
	par         TEXT   NOT NULL,
	le          BIGINT NOT NULL
);
INSERT INTO cercle_fait_1401 (numero, tenant, structure, role, identifiant, etat, effet, par, le)
	SELECT numero, tenant, structure, role, identifiant, etat, effet, par, le FROM cercle_fait;
DROP TABLE cercle_fait;
ALTER TABLE cercle_fait_1401 RENAME TO cercle_fait;
