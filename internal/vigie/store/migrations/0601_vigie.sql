-- Counters shared by the nodes. sujet is a structure, or the pseudonym of an
-- adherent: never an adherent number. Instants are integer milliseconds.
CREATE TABLE vigie_compteur (
	tenant TEXT NOT NULL,
	genre BIGINT NOT NULL,
	sujet TEXT NOT NULL,
	debut BIGINT NOT NULL,
	fin BIGINT NOT NULL,
	total BIGINT NOT NULL,
	PRIMARY KEY (tenant, genre, sujet, debut)
);
CREATE INDEX vigie_compteur_fin ON vigie_compteur (fin);

CREATE TABLE vigie_blocage (
	tenant TEXT NOT NULL,
	genre BIGINT NOT NULL,
	sujet TEXT NOT NULL,
	depuis BIGINT NOT NULL,
	jusqua BIGINT NOT NULL,
	PRIMARY KEY (tenant, genre, sujet)
);
CREATE INDEX vigie_blocage_depuis ON vigie_blocage (depuis);
