-- What the acknowledgement of a batch refused, so that it is given again word for
-- word; and what is looked at when its term has come.
ALTER TABLE liq_lot ADD COLUMN refusees TEXT NOT NULL DEFAULT '';
ALTER TABLE liq_lot ADD COLUMN a_revoir BIGINT NOT NULL DEFAULT 0; -- not before: one of its invoices is not over
CREATE INDEX liq_lot_terme ON liq_lot (tenant, recu);
CREATE INDEX liq_retour_acquitte ON liq_retour (tenant, acquitte) WHERE acquitte > 0;
-- Returns that somebody must look at: not acknowledged, or under reserve.
CREATE INDEX liq_retour_suite ON liq_retour (tenant, finess, emis) WHERE acquitte = 0 OR code <> '000';
