-- The sealed message that told a state, and what is forgotten at its term.
ALTER TABLE ach_jalon ADD COLUMN message TEXT NOT NULL DEFAULT '';
CREATE INDEX ach_jalon_instant ON ach_jalon (tenant, instant);
