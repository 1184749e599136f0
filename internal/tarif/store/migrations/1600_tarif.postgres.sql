-- All that the pricing service keeps: how many requests, a day and a grid. No row is a
-- delivery. ref: DEC 32
CREATE TABLE tarif_compteur (
	tenant   TEXT   NOT NULL,
	jour     TEXT   NOT NULL,
	grille   TEXT   NOT NULL,
	demandes BIGINT NOT NULL,
	PRIMARY KEY (tenant, jour, grille)
);
