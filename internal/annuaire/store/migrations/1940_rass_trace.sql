-- Who read restricted data, when and what for: one row for each answer, and one for each record that it showed.
CREATE TABLE rass_trace (
	tenant TEXT NOT NULL, numero TEXT NOT NULL, instant BIGINT NOT NULL, acteur TEXT NOT NULL, motif TEXT NOT NULL, regard TEXT NOT NULL, operation TEXT NOT NULL,
	PRIMARY KEY (tenant, numero)
);
CREATE INDEX rass_trace_instant ON rass_trace (tenant, instant);
CREATE TABLE rass_trace_fiche (
	tenant TEXT NOT NULL, numero TEXT NOT NULL, nature BIGINT NOT NULL, id TEXT NOT NULL,
	PRIMARY KEY (tenant, numero, nature, id)
);
CREATE INDEX rass_trace_fiche_id ON rass_trace_fiche (tenant, id);
