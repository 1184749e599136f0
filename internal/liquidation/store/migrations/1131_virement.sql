-- What was paid of an invoice by an order that names it, under the reference of a
-- transfer: the same order given again pays nothing.
CREATE TABLE liq_virement (
	tenant    TEXT   NOT NULL,
	finess    TEXT   NOT NULL,
	numero    TEXT   NOT NULL,
	annee     BIGINT NOT NULL,
	reference TEXT   NOT NULL,
	montant   BIGINT NOT NULL,
	instant   BIGINT NOT NULL,
	PRIMARY KEY (tenant, finess, numero, annee, reference),
	CHECK (montant > 0)
);
