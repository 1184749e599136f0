-- The care that each live invoice by convention asks to pay: no guarantee is taken by
-- it, so nothing else says that it is already invoiced. NULL for any other invoice.
ALTER TABLE liq_facture ADD COLUMN soins TEXT;
CREATE UNIQUE INDEX liq_facture_soins ON liq_facture (tenant, finess, soins) WHERE soins IS NOT NULL;
-- The corrections of an invoice.
CREATE INDEX liq_facture_corrections ON liq_facture (tenant, finess, corrige) WHERE nature = 'RECTIFICATIVE';
