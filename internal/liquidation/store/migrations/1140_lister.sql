-- What is over, in the order in which it is listed to a person. An invoice enters one
-- of them when it is paid or rejected, never when it is received.
CREATE INDEX liq_facture_payee ON liq_facture (tenant, finess, recue, numero) WHERE etat = 'PAYE';
CREATE INDEX liq_facture_rejetee ON liq_facture (tenant, finess, recue, numero) WHERE etat = 'REJETE';
