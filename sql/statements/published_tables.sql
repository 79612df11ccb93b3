-- The tables of the published file that explain values, filled from the
-- program's own code lists, and what the file says of itself.
CREATE TABLE published.main.database_info (
    schema_version INTEGER NOT NULL, -- of the tables
    rules_version  INTEGER NOT NULL, -- of the rules by which changes and history are derived
    fingerprint    VARCHAR NOT NULL  -- of the releases that it was made from
);
CREATE TABLE published.main.fields (
    name       VARCHAR NOT NULL,
    title      VARCHAR NOT NULL,
    definition VARCHAR NOT NULL,
    source     VARCHAR
);
CREATE TABLE published.main.action_codes (
    value      VARCHAR NOT NULL,
    meaning    VARCHAR NOT NULL,
    heading    VARCHAR,
    valid_from DATE, -- inclusive; NULL: no bound known
    valid_to   DATE, -- exclusive; NULL: no bound known
    note       VARCHAR
);
CREATE TABLE published.main.coverage_codes (
    value      VARCHAR NOT NULL,
    meaning    VARCHAR NOT NULL,
    heading    VARCHAR,
    valid_from DATE, -- inclusive; NULL: no bound known
    valid_to   DATE, -- exclusive; NULL: no bound known
    note       VARCHAR
);
CREATE TABLE published.main.pricing_indicators (
    value      VARCHAR NOT NULL,
    meaning    VARCHAR NOT NULL,
    heading    VARCHAR,
    valid_from DATE, -- inclusive; NULL: no bound known
    valid_to   DATE, -- exclusive; NULL: no bound known
    note       VARCHAR
);
CREATE TABLE published.main.multiple_pricing_indicators (
    value      VARCHAR NOT NULL,
    meaning    VARCHAR NOT NULL,
    heading    VARCHAR,
    valid_from DATE, -- inclusive; NULL: no bound known
    valid_to   DATE, -- exclusive; NULL: no bound known
    note       VARCHAR
);
CREATE TABLE published.main.betos (
    value      VARCHAR NOT NULL,
    meaning    VARCHAR NOT NULL,
    heading    VARCHAR,
    valid_from DATE, -- inclusive; NULL: no bound known
    valid_to   DATE, -- exclusive; NULL: no bound known
    note       VARCHAR
);
CREATE TABLE published.main.types_of_service (
    value      VARCHAR NOT NULL,
    meaning    VARCHAR NOT NULL,
    heading    VARCHAR,
    valid_from DATE, -- inclusive; NULL: no bound known
    valid_to   DATE, -- exclusive; NULL: no bound known
    note       VARCHAR
);
CREATE TABLE published.main.lab_certifications (
    value      VARCHAR NOT NULL,
    meaning    VARCHAR NOT NULL,
    heading    VARCHAR,
    valid_from DATE, -- inclusive; NULL: no bound known
    valid_to   DATE, -- exclusive; NULL: no bound known
    note       VARCHAR
);
CREATE TABLE published.main.mog_payment_policies (
    value      VARCHAR NOT NULL,
    meaning    VARCHAR NOT NULL,
    heading    VARCHAR,
    valid_from DATE, -- inclusive; NULL: no bound known
    valid_to   DATE, -- exclusive; NULL: no bound known
    note       VARCHAR
);
CREATE TABLE published.main.mog_payment_groups (
    value      VARCHAR NOT NULL,
    meaning    VARCHAR NOT NULL,
    heading    VARCHAR,
    valid_from DATE, -- inclusive; NULL: no bound known
    valid_to   DATE, -- exclusive; NULL: no bound known
    note       VARCHAR
);
CREATE TABLE published.main.asc_payment_groups (
    value      VARCHAR NOT NULL,
    meaning    VARCHAR NOT NULL,
    heading    VARCHAR,
    valid_from DATE, -- inclusive; NULL: no bound known
    valid_to   DATE, -- exclusive; NULL: no bound known
    note       VARCHAR
);
CREATE TABLE published.main.code_families (
    value      VARCHAR NOT NULL,
    meaning    VARCHAR NOT NULL,
    heading    VARCHAR,
    valid_from DATE, -- inclusive; NULL: no bound known
    valid_to   DATE, -- exclusive; NULL: no bound known
    note       VARCHAR
);
