-- What a transfer that the bank gave back had paid: ranks of invoices, separated by blanks.
ALTER TABLE officine_ordre ADD COLUMN rangs TEXT NOT NULL DEFAULT '';
