-- What was put aside of its Ordre: the line went on without it, but for messages that
-- speak of the same things.
ALTER TABLE ach_envoi ADD COLUMN detour BIGINT NOT NULL DEFAULT 0; -- 1: put aside

-- What each message put aside speaks of, until it is delivered or abandoned.
CREATE TABLE ach_sujet (
	tenant TEXT   NOT NULL,
	ordre  TEXT   NOT NULL,
	sujet  TEXT   NOT NULL,
	numero BIGINT NOT NULL, -- of the message in its Ordre
	cle    TEXT   NOT NULL,
	PRIMARY KEY (tenant, ordre, sujet, numero)
);
CREATE INDEX ach_sujet_cle ON ach_sujet (tenant, cle);
