-- Accreditations that no register here knows and on which an invoice was accepted, with the
-- last day when one was.
CREATE TABLE officine_vue (
	tenant TEXT NOT NULL, numero TEXT NOT NULL, jour TEXT NOT NULL,
	PRIMARY KEY (tenant, numero)
);
CREATE INDEX officine_vue_terme ON officine_vue (tenant, jour);
