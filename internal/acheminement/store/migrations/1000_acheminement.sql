-- Messages that leave: what is moved often is apart from the bytes. tenant is who
-- sends: the first column of every key.
CREATE TABLE ach_envoi (
	tenant       TEXT   NOT NULL,
	cle          TEXT   NOT NULL,
	destinataire TEXT   NOT NULL,
	transport    TEXT   NOT NULL,
	adresse      TEXT   NOT NULL,
	genre        TEXT   NOT NULL,
	ordre        TEXT   NOT NULL,
	numero       BIGINT NOT NULL,
	reference    TEXT   NOT NULL,
	taille       BIGINT NOT NULL,
	empreinte    BYTEA  NOT NULL,
	origine      BYTEA  NOT NULL, -- digest of the bytes first posted
	etat         TEXT   NOT NULL,
	echeance     BIGINT NOT NULL, -- due from; the end of the lease while it is out
	pose         BIGINT NOT NULL, -- when echeance was set
	bail         BIGINT NOT NULL, -- raised by each take: the fence
	essais       BIGINT NOT NULL,
	code         TEXT   NOT NULL,
	poste        BIGINT NOT NULL,
	fini         BIGINT NOT NULL, -- 0 while it is not delivered nor abandoned
	PRIMARY KEY (tenant, cle)
);
-- Taking reads what is due and nothing of what was delivered.
CREATE INDEX ach_envoi_pret ON ach_envoi (tenant, destinataire, echeance) WHERE etat = 'PRET';
CREATE INDEX ach_envoi_attente ON ach_envoi (tenant, ordre, numero) WHERE etat = 'ATTENTE';
CREATE INDEX ach_envoi_mort ON ach_envoi (tenant, pose, cle) WHERE etat = 'MORT';
CREATE INDEX ach_envoi_fini ON ach_envoi (tenant, fini) WHERE fini > 0;

-- The bytes of a message (nature 0) and of what the partner answered (nature 1).
CREATE TABLE ach_contenu (
	tenant  TEXT   NOT NULL,
	cle     TEXT   NOT NULL,
	nature  BIGINT NOT NULL,
	contenu BYTEA  NOT NULL,
	PRIMARY KEY (tenant, cle, nature)
);

-- One line a sequence: tete is the number of the message that may leave, dernier
-- that of the last posted; tete = dernier + 1 when all have left. Its lock makes
-- the numbers those of the commits.
CREATE TABLE ach_ordre (
	tenant  TEXT   NOT NULL,
	ordre   TEXT   NOT NULL,
	tete    BIGINT NOT NULL,
	dernier BIGINT NOT NULL,
	PRIMARY KEY (tenant, ordre)
);

-- What persons did to dead letters.
CREATE TABLE ach_geste (
	tenant  TEXT   NOT NULL,
	cle     TEXT   NOT NULL,
	n       BIGINT NOT NULL,
	action  TEXT   NOT NULL,
	auteur  TEXT   NOT NULL,
	motif   TEXT   NOT NULL,
	instant BIGINT NOT NULL,
	avant   TEXT   NOT NULL,
	PRIMARY KEY (tenant, cle, n)
);

-- Messages received, by their key, and the receipt given.
CREATE TABLE ach_recu (
	tenant     TEXT   NOT NULL,
	expediteur TEXT   NOT NULL,
	cle        TEXT   NOT NULL,
	empreinte  BYTEA  NOT NULL,
	recu       BYTEA  NOT NULL,
	instant    BIGINT NOT NULL,
	PRIMARY KEY (tenant, expediteur, cle)
);
CREATE INDEX ach_recu_instant ON ach_recu (tenant, instant);

-- The states that each flux went through.
CREATE TABLE ach_jalon (
	tenant  TEXT   NOT NULL,
	flux    TEXT   NOT NULL,
	etat    TEXT   NOT NULL,
	auteur  TEXT   NOT NULL,
	code    TEXT   NOT NULL,
	instant BIGINT NOT NULL,
	PRIMARY KEY (tenant, flux, etat)
);
