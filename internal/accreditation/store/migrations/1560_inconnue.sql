-- Numbers that the issuer never gave and that its lists tell, and until when: what was forged
-- under its key. The register of those issued does not have them.
CREATE TABLE accreditation_inconnue (
	tenant TEXT NOT NULL, numero TEXT NOT NULL, fin TEXT NOT NULL, effet TEXT NOT NULL, motif TEXT NOT NULL, publiee TEXT NOT NULL,
	PRIMARY KEY (tenant, numero)
);
