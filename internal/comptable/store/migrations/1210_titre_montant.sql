-- An amount is looked for among what is owed, whoever owes it: before a line is matched
-- by its amount alone, no other insurer may owe the same. A titre that is settled leaves
-- the index, so that the search costs the same however many were paid. Its second
-- condition, always true, keeps it from the queries that read all that is owed:
-- PostgreSQL would take either index for them, and cpt_titre_ouvert has their key.
CREATE INDEX cpt_titre_montant ON cpt_titre (tenant, reste, amc) WHERE reste > 0 AND amc <> '';
