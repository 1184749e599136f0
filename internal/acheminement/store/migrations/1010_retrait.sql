-- The files that partners fetched to their end, once each.
CREATE TABLE ach_retrait (
	tenant     TEXT   NOT NULL,
	partenaire TEXT   NOT NULL,
	nom        TEXT   NOT NULL,
	taille     BIGINT NOT NULL,
	instant    BIGINT NOT NULL,
	PRIMARY KEY (tenant, partenaire, nom)
);
