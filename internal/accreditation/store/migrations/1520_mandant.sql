-- For whom an issuer gives accreditations: an operator has one list of revoked ones for all
-- the insurers that it answers for.
CREATE TABLE accreditation_mandant (
	tenant TEXT NOT NULL, mandant TEXT NOT NULL,
	PRIMARY KEY (tenant, mandant)
);
