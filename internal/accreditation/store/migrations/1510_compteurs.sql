-- Counters that workstations send back. variante is '' for those that the professional
-- sealed, one row a day that only he replaces; else the digest of what somebody sent in
-- his name without a seal: nothing replaces it.
CREATE TABLE accreditation_journee (
	tenant TEXT NOT NULL, jour TEXT NOT NULL, ps TEXT NOT NULL, variante TEXT NOT NULL, corps BYTEA NOT NULL,
	PRIMARY KEY (tenant, jour, ps, variante)
);
INSERT INTO accreditation_journee (tenant, jour, ps, variante, corps)
	SELECT tenant, jour, ps, CASE scelle WHEN 1 THEN '' ELSE 'sans' END, corps FROM accreditation_compteurs WHERE length(ps) = 9;
DROP TABLE accreditation_compteurs;

-- How many days of counters each sender sent on a day; '*' is all those without a seal.
CREATE TABLE accreditation_envoi (
	tenant TEXT NOT NULL, jour TEXT NOT NULL, expediteur TEXT NOT NULL, nombre BIGINT NOT NULL,
	PRIMARY KEY (tenant, jour, expediteur)
);
