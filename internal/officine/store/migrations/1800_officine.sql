-- The professionals who send invoices: the row is their lock, and numbers what they send
-- and what moves.
CREATE TABLE officine_ps (
	tenant TEXT NOT NULL, ps TEXT NOT NULL, rang BIGINT NOT NULL, mouvement BIGINT NOT NULL,
	PRIMARY KEY (tenant, ps)
);

CREATE TABLE officine_lot (
	tenant TEXT NOT NULL, ps TEXT NOT NULL, numero TEXT NOT NULL, empreinte BYTEA NOT NULL, id_message TEXT NOT NULL,
	nombre BIGINT NOT NULL, total BIGINT NOT NULL, recu BIGINT NOT NULL,
	PRIMARY KEY (tenant, ps, numero)
);

-- Where each invoice stands. Days are ISO, '' when not said; ecarts is JSON.
CREATE TABLE officine_facture (
	tenant TEXT NOT NULL, ps TEXT NOT NULL, rang BIGINT NOT NULL, mouvement BIGINT NOT NULL, numero TEXT NOT NULL, date_facture TEXT NOT NULL,
	date_soins TEXT NOT NULL, lot TEXT NOT NULL, recue BIGINT NOT NULL, recue_le TEXT NOT NULL, etat TEXT NOT NULL, code TEXT NOT NULL, precision_code TEXT NOT NULL,
	ecarts TEXT NOT NULL, accreditee BIGINT NOT NULL, degradee BIGINT NOT NULL, demande BIGINT NOT NULL, paye BIGINT NOT NULL,
	reglement TEXT NOT NULL, virement TEXT NOT NULL, payee_le TEXT NOT NULL, echeance TEXT NOT NULL,
	PRIMARY KEY (tenant, ps, rang),
	CHECK (paye >= 0 AND demande >= 0 AND paye <= demande)
);
-- One invoice of a name is alive; one that was refused may come again, corrected.
CREATE UNIQUE INDEX officine_facture_vive ON officine_facture (tenant, ps, numero, date_facture) WHERE etat <> 'REFUSEE';
CREATE UNIQUE INDEX officine_facture_mouvement ON officine_facture (tenant, ps, mouvement);
CREATE INDEX officine_facture_mois ON officine_facture (tenant, ps, date_facture);
CREATE INDEX officine_facture_travail ON officine_facture (tenant, etat, ps, rang) WHERE etat IN ('EN_ATTENTE', 'ACCEPTEE');
CREATE INDEX officine_facture_virement ON officine_facture (tenant, ps, virement) WHERE virement <> '';
CREATE INDEX officine_facture_lot ON officine_facture (tenant, ps, lot);
CREATE INDEX officine_facture_recue ON officine_facture (tenant, recue_le);
CREATE INDEX officine_facture_payee ON officine_facture (tenant, payee_le) WHERE payee_le <> '';
CREATE INDEX officine_facture_terme ON officine_facture (tenant, date_facture) WHERE etat IN ('REFUSEE', 'PAYEE');

-- The invoice as it came, never written again, and what is known beside.
CREATE TABLE officine_original (
	tenant TEXT NOT NULL, ps TEXT NOT NULL, rang BIGINT NOT NULL, octets BYTEA NOT NULL, empreinte BYTEA NOT NULL,
	PRIMARY KEY (tenant, ps, rang)
);
CREATE TABLE officine_enrichissement (
	tenant TEXT NOT NULL, ps TEXT NOT NULL, rang BIGINT NOT NULL, contrat TEXT NOT NULL, type TEXT NOT NULL, debut TEXT NOT NULL, fin TEXT NOT NULL,
	degradee BIGINT NOT NULL, canal TEXT NOT NULL,
	PRIMARY KEY (tenant, ps, rang)
);

-- Payment runs, one a day, and their transfers.
CREATE TABLE officine_reglement (
	tenant TEXT NOT NULL, jour TEXT NOT NULL, clos_a BIGINT NOT NULL, ordres BIGINT NOT NULL, nombre BIGINT NOT NULL, total BIGINT NOT NULL,
	deduit BIGINT NOT NULL, preleve BIGINT NOT NULL,
	PRIMARY KEY (tenant, jour),
	CHECK (preleve >= 0 AND preleve = total - deduit)
);
CREATE INDEX officine_reglement_ouvert ON officine_reglement (tenant, jour) WHERE clos_a = 0;
CREATE TABLE officine_ordre (
	tenant TEXT NOT NULL, jour TEXT NOT NULL, ps TEXT NOT NULL, reference TEXT NOT NULL, montant BIGINT NOT NULL, nombre BIGINT NOT NULL,
	etat TEXT NOT NULL, paye_le TEXT NOT NULL,
	PRIMARY KEY (tenant, jour, ps),
	CHECK (montant > 0)
);
-- What the bank gave back and no advice took off yet.
CREATE TABLE officine_caisse (
	tenant TEXT NOT NULL, rendu BIGINT NOT NULL,
	PRIMARY KEY (tenant),
	CHECK (rendu >= 0)
);

-- Professionals above the quota of degraded invoices of a month.
CREATE TABLE officine_alerte (
	tenant TEXT NOT NULL, ps TEXT NOT NULL, mois TEXT NOT NULL, factures BIGINT NOT NULL, degradees BIGINT NOT NULL,
	PRIMARY KEY (tenant, ps, mois)
);
