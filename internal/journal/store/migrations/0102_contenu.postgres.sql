-- What is encrypted does not compress: no attempt is made, and a content stays in
-- its row as long as the page can hold it.
ALTER TABLE journal_contenu SET (toast_tuple_target = 8160);
ALTER TABLE journal_contenu ALTER COLUMN octets SET STORAGE EXTERNAL;
ALTER TABLE journal_trace ALTER COLUMN secret SET STORAGE EXTERNAL;
