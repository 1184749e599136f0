CREATE TABLE annuaire_entree (
    tenant  TEXT  NOT NULL,
    id      TEXT  NOT NULL,
    contenu BYTEA NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE TABLE annuaire_version (
    tenant  TEXT   NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL
);
