-- A table for all lines of the transaction reports, as long as the connection lasts.
CREATE TEMPORARY TABLE IF NOT EXISTS transaction_lines (
    quarter     VARCHAR NOT NULL,
    release     VARCHAR,
    file        VARCHAR NOT NULL,
    code        VARCHAR NOT NULL,
    label       VARCHAR NOT NULL,
    action_code VARCHAR
);
