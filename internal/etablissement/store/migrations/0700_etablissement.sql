-- The visits of a hospital and their exchanges. tenant is the FINESS of the
-- hospital: the first column of every key.
CREATE TABLE etab_venue (
	tenant         TEXT   NOT NULL,
	id             TEXT   NOT NULL,
	dossier        TEXT   NOT NULL,
	periode_debut  TEXT   NOT NULL,
	date_reference TEXT   NOT NULL,
	version        BIGINT NOT NULL,
	ouverte        BIGINT NOT NULL,
	modifiee       BIGINT NOT NULL,
	contenu        BYTEA  NOT NULL,
	PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX etab_venue_dossier ON etab_venue (tenant, dossier, periode_debut);
CREATE INDEX etab_venue_ouverte ON etab_venue (tenant, ouverte);

CREATE TABLE etab_couverture (
	tenant   TEXT   NOT NULL,
	venue    TEXT   NOT NULL,
	rang     BIGINT NOT NULL CHECK (rang BETWEEN 1 AND 3),
	etat     TEXT   NOT NULL,
	code     TEXT   NOT NULL,
	echeance TEXT   NOT NULL,
	contenu  BYTEA  NOT NULL,
	PRIMARY KEY (tenant, venue, rang)
);
CREATE INDEX etab_couverture_echeance ON etab_couverture (tenant, etat, echeance);

CREATE TABLE etab_moment (
	tenant     TEXT   NOT NULL,
	venue      TEXT   NOT NULL,
	n          BIGINT NOT NULL,
	rang       BIGINT NOT NULL,
	avant      TEXT   NOT NULL,
	evenement  TEXT   NOT NULL,
	apres      TEXT   NOT NULL,
	instant    BIGINT NOT NULL,
	code       TEXT   NOT NULL,
	id_message TEXT   NOT NULL,
	agent      TEXT   NOT NULL,
	PRIMARY KEY (tenant, venue, n)
);

-- What was asked of an insurer: written before it is sent, closed by its answer.
CREATE TABLE etab_question (
	tenant     TEXT   NOT NULL,
	id_message TEXT   NOT NULL,
	id_echange TEXT   NOT NULL,
	venue      TEXT   NOT NULL,
	rang       BIGINT NOT NULL,
	service    TEXT   NOT NULL,
	corps      BYTEA  NOT NULL,
	posee      BIGINT NOT NULL,
	essayee    BIGINT NOT NULL,
	close      BIGINT NOT NULL,
	code       TEXT   NOT NULL,
	PRIMARY KEY (tenant, id_message)
);
CREATE UNIQUE INDEX etab_question_ouverte ON etab_question (tenant, venue, rang) WHERE close = 0;
CREATE INDEX etab_question_essayee ON etab_question (tenant, essayee) WHERE close = 0;

-- Each emission of a message, sealed as it was sent, and its answer as it came.
CREATE TABLE etab_message (
	tenant       TEXT   NOT NULL,
	id_message   TEXT   NOT NULL,
	emission     BIGINT NOT NULL,
	id_echange   TEXT   NOT NULL,
	service      TEXT   NOT NULL,
	dossier      TEXT   NOT NULL,
	destinataire TEXT   NOT NULL,
	posee        BIGINT NOT NULL,
	question     BYTEA  NOT NULL,
	repondue     BIGINT NOT NULL,
	reponse      BYTEA  NOT NULL,
	code         TEXT   NOT NULL,
	verdict      TEXT   NOT NULL,
	PRIMARY KEY (tenant, id_message, emission)
);
CREATE INDEX etab_message_dossier ON etab_message (tenant, dossier, posee);
CREATE INDEX etab_message_posee ON etab_message (tenant, posee);

-- The requests of the billing software already served, by their Idempotency-Key.
CREATE TABLE etab_cle (
	tenant    TEXT   NOT NULL,
	cle       TEXT   NOT NULL,
	empreinte TEXT   NOT NULL,
	statut    BIGINT NOT NULL,
	entetes   TEXT   NOT NULL,
	corps     BYTEA  NOT NULL,
	instant   BIGINT NOT NULL,
	PRIMARY KEY (tenant, cle)
);
CREATE INDEX etab_cle_instant ON etab_cle (tenant, instant);
