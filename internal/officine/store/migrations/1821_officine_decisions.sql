-- Why a person decided to pay an invoice that waited, for whom controls the accounts.
CREATE TABLE officine_decision (
	tenant TEXT NOT NULL, ps TEXT NOT NULL, rang BIGINT NOT NULL, prise BIGINT NOT NULL, motif TEXT NOT NULL,
	PRIMARY KEY (tenant, ps, rang)
);
-- What was to be paid by a day and is not.
CREATE INDEX officine_facture_due ON officine_facture (tenant, echeance) WHERE etat IN ('EN_ATTENTE', 'ACCEPTEE', 'ORDONNEE');
