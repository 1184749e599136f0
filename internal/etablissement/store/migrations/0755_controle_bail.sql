-- Until when a node has the control of the night to itself: its day is written with its
-- outcome.
ALTER TABLE etab_compteur_etat ADD COLUMN controle_bail BIGINT NOT NULL DEFAULT 0;
