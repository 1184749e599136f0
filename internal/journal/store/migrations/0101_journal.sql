CREATE TABLE journal_log (
	tenant TEXT NOT NULL,
	generation BIGINT NOT NULL,
	taille BIGINT NOT NULL,
	point BYTEA NOT NULL,
	PRIMARY KEY (tenant, generation)
);

CREATE TABLE journal_trace (
	id TEXT PRIMARY KEY,
	tenant TEXT NOT NULL,
	seau BIGINT NOT NULL,
	instant BIGINT NOT NULL,
	classe TEXT NOT NULL,
	service TEXT NOT NULL,
	id_message TEXT NOT NULL,
	id_echange TEXT NOT NULL,
	engagement TEXT NOT NULL,
	amorce BIGINT NOT NULL,
	feuille BYTEA NOT NULL,
	secret BYTEA,
	generation BIGINT,
	rang BIGINT
);

-- A bucket of some two thousand consecutive rows comes first: random identifiers
-- then fall on the few pages of the current bucket, shared by the rows of a
-- commit, and the cost does not grow with the journal. Searches jump from bucket
-- to bucket.
CREATE INDEX journal_trace_message ON journal_trace (tenant, seau, id_message);
CREATE INDEX journal_trace_echange ON journal_trace (tenant, seau, id_echange) WHERE id_echange <> '';
CREATE INDEX journal_trace_engagement ON journal_trace (tenant, seau, engagement) WHERE engagement <> '';
CREATE INDEX journal_trace_feuille ON journal_trace (tenant, seau, amorce);
CREATE INDEX journal_trace_attente ON journal_trace (id) WHERE rang IS NULL;
CREATE UNIQUE INDEX journal_trace_rang ON journal_trace (tenant, generation, rang) WHERE rang IS NOT NULL;

CREATE TABLE journal_contenu (
	id TEXT PRIMARY KEY,
	tenant TEXT NOT NULL,
	octets BYTEA NOT NULL
);

CREATE TABLE journal_piece (
	tenant TEXT NOT NULL,
	empreinte TEXT NOT NULL,
	octets BYTEA NOT NULL,
	PRIMARY KEY (tenant, empreinte)
);

CREATE TABLE journal_tuile (
	tenant TEXT NOT NULL,
	generation BIGINT NOT NULL,
	niveau BIGINT NOT NULL,
	indice BIGINT NOT NULL,
	octets BYTEA NOT NULL,
	PRIMARY KEY (tenant, generation, niveau, indice)
);

CREATE TABLE journal_point (
	tenant TEXT NOT NULL,
	generation BIGINT NOT NULL,
	taille BIGINT NOT NULL,
	point BYTEA NOT NULL,
	PRIMARY KEY (tenant, generation, taille)
);

CREATE TABLE journal_cle (
	tenant TEXT NOT NULL,
	mois TEXT NOT NULL,
	classe TEXT NOT NULL,
	enveloppe BYTEA NOT NULL,
	PRIMARY KEY (tenant, mois, classe)
);

CREATE TABLE journal_bail (
	nom TEXT PRIMARY KEY,
	titulaire TEXT NOT NULL,
	jeton BIGINT NOT NULL,
	echeance BIGINT NOT NULL
);
