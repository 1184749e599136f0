CREATE TABLE message_traite (
    tenant     TEXT   NOT NULL,
    scelleur   TEXT   NOT NULL,
    service    TEXT   NOT NULL,
    id_message BYTEA  NOT NULL,
    empreinte  BYTEA  NOT NULL,
    corps      BYTEA  NOT NULL,
    code       TEXT   NOT NULL,
    recu       BIGINT NOT NULL,
    PRIMARY KEY (tenant, scelleur, service, id_message)
);
CREATE INDEX message_traite_recu ON message_traite (recu);
