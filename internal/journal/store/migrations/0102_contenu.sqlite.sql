-- Nothing: SQLite neither compresses nor moves what it stores.
SELECT 1;
