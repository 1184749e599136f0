-- Certificates that the servers of an issuer presented, on any node, and when each was last
-- presented: what is published stays for a while after a renewal.
CREATE TABLE accreditation_serveur (
	tenant TEXT NOT NULL, empreinte TEXT NOT NULL, vue BIGINT NOT NULL,
	PRIMARY KEY (tenant, empreinte)
);
