-- What a person was given on a day: the same question of the day is given the same again.
CREATE INDEX accreditation_emise_du_jour ON accreditation_emise (tenant, beneficiaire, emission);
