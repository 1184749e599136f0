-- The national directory: what owners changed, what was before, what feeds did, who reads how much, who follows what.
-- The natures are the numbers of annuaire.Nature. Days are ISO, '' when not said; instants are in milliseconds.

-- The last number given to a change. Its row is held until the transaction ends, so that numbers are committed in order.
CREATE TABLE rass_compteur (tenant TEXT NOT NULL PRIMARY KEY, seq BIGINT NOT NULL);

-- The records that an owner changed: the row is their lock, taken before that of rass_compteur.
CREATE TABLE rass_fiche (
	tenant TEXT NOT NULL, nature BIGINT NOT NULL, id TEXT NOT NULL, verrous BIGINT NOT NULL,
	PRIMARY KEY (tenant, nature, id)
);

-- Every change of a record, in the order in which it was made; fiche is the record when an owner made it.
CREATE TABLE rass_mouvement (
	tenant TEXT NOT NULL, seq BIGINT NOT NULL, nature BIGINT NOT NULL, id TEXT NOT NULL, version BIGINT NOT NULL, instant BIGINT NOT NULL,
	origine TEXT NOT NULL, codec BIGINT NOT NULL, fiche BYTEA,
	PRIMARY KEY (tenant, seq)
);
CREATE UNIQUE INDEX rass_mouvement_fiche ON rass_mouvement (tenant, nature, id, version);
CREATE INDEX rass_mouvement_proprietaire ON rass_mouvement (tenant, seq) WHERE fiche IS NOT NULL;
CREATE INDEX rass_mouvement_age ON rass_mouvement (tenant, instant);

-- The versions that were superseded: true from vrai_de to vrai_jusque, known from connu_de (included) to connu_jusque (excluded).
CREATE TABLE rass_version (
	tenant TEXT NOT NULL, nature BIGINT NOT NULL, id TEXT NOT NULL, version BIGINT NOT NULL, vrai_de TEXT NOT NULL, vrai_jusque TEXT NOT NULL,
	connu_de BIGINT NOT NULL, connu_jusque BIGINT NOT NULL, origine TEXT NOT NULL, codec BIGINT NOT NULL, fiche BYTEA NOT NULL,
	PRIMARY KEY (tenant, nature, id, version)
);
CREATE INDEX rass_version_terme ON rass_version (tenant, connu_jusque);

-- Requests for change; contenu is JSON. The trace is only ever added to.
CREATE TABLE rass_demande (
	tenant TEXT NOT NULL, numero TEXT NOT NULL, nature BIGINT NOT NULL, id TEXT NOT NULL, groupe BIGINT NOT NULL, etat TEXT NOT NULL,
	par TEXT NOT NULL, famille TEXT NOT NULL, deposee BIGINT NOT NULL, echeance BIGINT NOT NULL, contenu BYTEA NOT NULL,
	PRIMARY KEY (tenant, numero)
);
CREATE INDEX rass_demande_attente ON rass_demande (tenant, echeance, numero) WHERE etat = 'DEPOSEE';
CREATE INDEX rass_demande_fiche ON rass_demande (tenant, nature, id, numero);
CREATE INDEX rass_demande_par ON rass_demande (tenant, par, numero);
CREATE TABLE rass_demande_trace (
	tenant TEXT NOT NULL, numero TEXT NOT NULL, rang BIGINT NOT NULL, instant BIGINT NOT NULL, etat TEXT NOT NULL, acteur TEXT NOT NULL, motif TEXT NOT NULL,
	PRIMARY KEY (tenant, numero, rang)
);

-- The runs of feeds, by the digest of what they read; rapport is JSON and names no one.
CREATE TABLE rass_passage (
	tenant TEXT NOT NULL, course TEXT NOT NULL, etat TEXT NOT NULL, commence BIGINT NOT NULL, maj BIGINT NOT NULL, refus TEXT NOT NULL, rapport BYTEA NOT NULL,
	PRIMARY KEY (tenant, course)
);
CREATE INDEX rass_passage_maj ON rass_passage (tenant, maj);
CREATE TABLE rass_passage_compte (
	tenant TEXT NOT NULL, course TEXT NOT NULL, genre TEXT NOT NULL, cle TEXT NOT NULL, nombre BIGINT NOT NULL,
	PRIMARY KEY (tenant, course, genre, cle)
);

-- What each reader read in an hour through each node; croquis is what counts the different records.
CREATE TABLE rass_lecture (
	tenant TEXT NOT NULL, heure BIGINT NOT NULL, lecteur TEXT NOT NULL, noeud TEXT NOT NULL, lectures BIGINT NOT NULL, refus BIGINT NOT NULL, croquis BYTEA NOT NULL,
	PRIMARY KEY (tenant, heure, lecteur, noeud)
);
CREATE TABLE rass_signalement (
	tenant TEXT NOT NULL, heure BIGINT NOT NULL, lecteur TEXT NOT NULL, famille TEXT NOT NULL, distinctes BIGINT NOT NULL, seuil BIGINT NOT NULL,
	instant BIGINT NOT NULL, dit BIGINT NOT NULL,
	PRIMARY KEY (tenant, heure, lecteur)
);

-- Who follows which records, and up to where he was told.
CREATE TABLE rass_abonnement (
	tenant TEXT NOT NULL, numero TEXT NOT NULL, lecteur TEXT NOT NULL, adresse TEXT NOT NULL, cree BIGINT NOT NULL, seq BIGINT NOT NULL,
	PRIMARY KEY (tenant, numero)
);
CREATE INDEX rass_abonnement_lecteur ON rass_abonnement (tenant, lecteur, numero);
CREATE TABLE rass_suivi (
	tenant TEXT NOT NULL, numero TEXT NOT NULL, nature BIGINT NOT NULL, id TEXT NOT NULL,
	PRIMARY KEY (tenant, numero, nature, id)
);
