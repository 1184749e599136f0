-- What the third party keeps. Every key is a keyed digest, and rows stand in its order:
-- without rowid, nothing tells which came first. ref: DEC 32

-- Tokens already exchanged and the file of each, until they would be refused anyway.
CREATE TABLE tiers_jeton (
	tenant  TEXT  NOT NULL,
	cle     BYTEA NOT NULL,
	dossier BYTEA NOT NULL,
	jusqua  TEXT  NOT NULL,
	PRIMARY KEY (tenant, cle)
) WITHOUT ROWID;
CREATE INDEX tiers_jeton_terme ON tiers_jeton (tenant, jusqua);

-- Files, each encrypted under its own number, which is not here.
CREATE TABLE tiers_dossier (
	tenant  TEXT  NOT NULL,
	cle     BYTEA NOT NULL,
	expire  TEXT  NOT NULL,
	contenu BYTEA NOT NULL,
	PRIMARY KEY (tenant, cle)
) WITHOUT ROWID;
CREATE INDEX tiers_dossier_terme ON tiers_dossier (tenant, expire);

-- Commitments: digests of the number, of the amounts, and of the invoice that used it.
CREATE TABLE tiers_promesse (
	tenant    TEXT  NOT NULL,
	cle       BYTEA NOT NULL,
	numero    BYTEA NOT NULL,
	empreinte BYTEA NOT NULL,
	jour      TEXT  NOT NULL,
	facture   BYTEA,
	PRIMARY KEY (tenant, cle)
) WITHOUT ROWID;
CREATE UNIQUE INDEX tiers_promesse_numero ON tiers_promesse (tenant, numero);
CREATE INDEX tiers_promesse_terme ON tiers_promesse (tenant, jour);
