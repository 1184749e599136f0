-- The last answers of the directory, so that a hospital which restarts while the
-- directory is silent still knows where the insurers are. fin is when an answer
-- may no longer serve.
CREATE TABLE etab_annuaire (
	tenant  TEXT   NOT NULL,
	cle     TEXT   NOT NULL,
	lue     BIGINT NOT NULL,
	fin     BIGINT NOT NULL,
	contenu BYTEA  NOT NULL,
	PRIMARY KEY (tenant, cle)
);
CREATE INDEX etab_annuaire_fin ON etab_annuaire (tenant, fin);
