-- Where each professional is paid: the account is sealed under a key that the base does not
-- hold, and bound to its professional.
CREATE TABLE officine_compte (
	tenant TEXT NOT NULL, ps TEXT NOT NULL, titulaire TEXT NOT NULL, compte BYTEA NOT NULL, note BIGINT NOT NULL, par TEXT NOT NULL,
	PRIMARY KEY (tenant, ps)
);
-- The files given to the bank for a run, and the transfers of each with the account that was
-- written: the same file can be written again, the same order never goes in two.
CREATE TABLE officine_remise (
	tenant TEXT NOT NULL, jour TEXT NOT NULL, rang BIGINT NOT NULL, faite BIGINT NOT NULL, execution TEXT NOT NULL, nombre BIGINT NOT NULL, total BIGINT NOT NULL,
	payeur TEXT NOT NULL, compte TEXT NOT NULL,
	PRIMARY KEY (tenant, jour, rang),
	CHECK (nombre > 0 AND total > 0)
);
CREATE TABLE officine_virement (
	tenant TEXT NOT NULL, jour TEXT NOT NULL, ps TEXT NOT NULL, rang BIGINT NOT NULL, titulaire TEXT NOT NULL, compte BYTEA NOT NULL,
	PRIMARY KEY (tenant, jour, ps)
);
-- Why, and when, the bank gave a transfer back.
ALTER TABLE officine_ordre ADD COLUMN rendu_le TEXT NOT NULL DEFAULT '';
ALTER TABLE officine_ordre ADD COLUMN motif TEXT NOT NULL DEFAULT '';
-- What a transfer that the bank gave back had paid: ranks of invoices, separated by blanks.
ALTER TABLE officine_ordre ADD COLUMN rangs TEXT NOT NULL DEFAULT '';
