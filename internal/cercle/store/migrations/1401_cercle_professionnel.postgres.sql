-- Professionals act under their billing number, by their card; a third
-- party under its number.
ALTER TABLE cercle_fait DROP CONSTRAINT cercle_fait_role_check;
ALTER TABLE cercle_fait ADD CONSTRAINT cercle_fait_role_check
	CHECK (role IN ('ETABLISSEMENT', 'AMC', 'OPERATEUR', 'RELAIS', 'ANNUAIRE', 'PROFESSIONNEL', 'TIERS', 'PORTAGE'));
