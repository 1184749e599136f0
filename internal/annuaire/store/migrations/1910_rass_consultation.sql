-- The readings through views that ask for a purpose: who was shown which records, never what they hold.
CREATE TABLE rass_consultation (
	tenant TEXT NOT NULL, numero TEXT NOT NULL, instant BIGINT NOT NULL, lecteur TEXT NOT NULL, famille TEXT NOT NULL, regard TEXT NOT NULL,
	motif TEXT NOT NULL, porte TEXT NOT NULL, objet TEXT NOT NULL, nombre BIGINT NOT NULL,
	PRIMARY KEY (tenant, numero)
);
CREATE INDEX rass_consultation_instant ON rass_consultation (tenant, instant, numero);
CREATE TABLE rass_consultation_fiche (
	tenant TEXT NOT NULL, numero TEXT NOT NULL, nature BIGINT NOT NULL, id TEXT NOT NULL,
	PRIMARY KEY (tenant, numero, nature, id)
);
CREATE INDEX rass_consultation_fiche_id ON rass_consultation_fiche (tenant, nature, id);
