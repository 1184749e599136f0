CREATE TABLE igc_certificat (
	ac                TEXT   NOT NULL,
	serie             TEXT   NOT NULL,
	profil            TEXT   NOT NULL,
	sujet             TEXT   NOT NULL,
	structure         TEXT   NOT NULL,
	empreinte_demande TEXT   NOT NULL,
	empreinte_cert    TEXT   NOT NULL,
	empreinte_cle     TEXT   NOT NULL,
	cle_serveur       BIGINT NOT NULL CHECK (cle_serveur IN (0, 1)),
	par               TEXT   NOT NULL,
	remplace          TEXT   NOT NULL,
	emis_le           BIGINT NOT NULL,
	debut             BIGINT NOT NULL,
	fin               BIGINT NOT NULL,
	der               BYTEA  NOT NULL,
	etat              TEXT   NOT NULL CHECK (etat IN ('valide', 'suspendu', 'revoque')),
	raison            BIGINT NOT NULL,
	change_le         BIGINT NOT NULL,
	invalide          BIGINT NOT NULL,
	change_par        TEXT   NOT NULL,
	PRIMARY KEY (ac, serie)
);
CREATE INDEX igc_certificat_change ON igc_certificat (ac, change_le) WHERE change_le <> 0;
CREATE INDEX igc_certificat_perdu ON igc_certificat (empreinte_cle) WHERE etat = 'revoque';
CREATE INDEX igc_certificat_emis ON igc_certificat (emis_le, ac, serie);
CREATE INDEX igc_certificat_structure ON igc_certificat (structure);

CREATE TABLE igc_liste (
	ac        TEXT   NOT NULL,
	numero    BIGINT NOT NULL,
	base      BIGINT NOT NULL,
	emission  BIGINT NOT NULL,
	prochaine BIGINT NOT NULL,
	nombre    BIGINT NOT NULL,
	der       BYTEA  NOT NULL,
	PRIMARY KEY (ac, numero)
);
