-- Secrets that the nodes of a party share, by their digest under themselves: a node that has
-- another one does not start.
CREATE TABLE accreditation_secret (
	tenant TEXT NOT NULL, nom TEXT NOT NULL, empreinte TEXT NOT NULL,
	PRIMARY KEY (tenant, nom)
);
