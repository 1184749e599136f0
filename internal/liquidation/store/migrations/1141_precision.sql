-- What a hospital said with its acknowledgement: of which invoices it is under reserve.
ALTER TABLE liq_retour ADD COLUMN precision_acquit TEXT NOT NULL DEFAULT '';
