-- The tables of the published file, empty. Those of the facts are as the warehouse has
-- them (publish.sql copies them); the others are filled with what follows from the
-- facts, what explains values, and what the file says of itself.
CREATE TABLE published.main.releases AS FROM warehouse.main.releases LIMIT 0;
CREATE TABLE published.main.record_spans AS FROM warehouse.main.record_spans LIMIT 0;
CREATE TABLE published.main.record_places AS FROM warehouse.main.record_places LIMIT 0;
CREATE TABLE published.main.sequence_numbers AS FROM warehouse.main.sequence_numbers LIMIT 0;
CREATE TABLE published.main.code_numbers AS SELECT code_number, code FROM warehouse.main.last_records LIMIT 0;
CREATE TABLE published.main.findings AS FROM warehouse.main.findings LIMIT 0;
CREATE TABLE published.main.transaction_reports AS FROM warehouse.main.transaction_reports LIMIT 0;
CREATE TABLE published.main.corrections AS FROM warehouse.main.corrections LIMIT 0;
CREATE TABLE published.main.noc_codes AS FROM warehouse.main.noc_codes LIMIT 0;
CREATE TABLE published.main.processing_notes AS FROM warehouse.main.processing_notes LIMIT 0;
CREATE TABLE published.main.companion_findings AS FROM warehouse.main.companion_findings LIMIT 0;
CREATE TABLE published.main.release_dates (
    release       VARCHAR NOT NULL,
    release_order INTEGER NOT NULL,
    quarter       VARCHAR NOT NULL,
    in_force_from DATE NOT NULL, -- inclusive
    in_force_to   DATE NOT NULL, -- exclusive
    known_date    DATE NOT NULL
);
CREATE TABLE published.main.code_history (
    code                          VARCHAR NOT NULL,
    kind                          VARCHAR NOT NULL,
    life                          INTEGER NOT NULL,
    status                        VARCHAR NOT NULL,
    listed                        BOOLEAN NOT NULL,
    attested                      BOOLEAN NOT NULL,
    valid_from                    DATE NOT NULL,  -- inclusive
    valid_to                      DATE NOT NULL,  -- exclusive
    known_from                    VARCHAR NOT NULL,
    known_to                      VARCHAR,        -- exclusive; NULL while still believed
    known_from_published          TIMESTAMP,
    known_to_published            TIMESTAMP,
    valid_from_basis              VARCHAR NOT NULL,
    long_description              VARCHAR,
    short_description             VARCHAR,
    pricing_indicators            VARCHAR[],
    multiple_pricing_indicator    VARCHAR,
    coverage_issues_manual_refs   VARCHAR[],
    medicare_carriers_manual_refs VARCHAR[],
    statute                       VARCHAR,
    lab_certifications            VARCHAR[],
    cross_references              VARCHAR[],
    coverage_code                 VARCHAR,
    asc_payment_group             VARCHAR,
    asc_payment_group_date        DATE,
    mog_payment_group             VARCHAR,
    mog_payment_policy            VARCHAR,
    mog_effective_date            DATE,
    processing_note               VARCHAR,
    betos                         VARCHAR,
    types_of_service              VARCHAR[],
    anesthesia_base_units         INTEGER,
    code_added_date               DATE,
    termination_date              DATE
);
CREATE TABLE published.main.code_changes (
    release                VARCHAR NOT NULL,
    previous_release       VARCHAR,
    code                   VARCHAR NOT NULL,
    kind                   VARCHAR NOT NULL,
    change                 VARCHAR NOT NULL,
    life                   INTEGER NOT NULL,
    action_code            VARCHAR,
    observed_actions       VARCHAR[],
    agreement              VARCHAR,
    effective_date         DATE,
    timing                 VARCHAR,
    timing_days            INTEGER,
    description_similarity DOUBLE,
    replacements           VARCHAR[]
);
CREATE TABLE published.main.field_changes (
    release          VARCHAR NOT NULL,
    previous_release VARCHAR,
    code             VARCHAR NOT NULL,
    kind             VARCHAR NOT NULL,
    field            VARCHAR NOT NULL,
    old_value        VARCHAR,
    new_value        VARCHAR,
    typographic      BOOLEAN NOT NULL
);
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
-- All decode tables in one: each is a view over it (decode_views.sql), since a
-- table of its own takes at least a block of 256 KiB.
CREATE TABLE published.main.code_values (
    list       VARCHAR NOT NULL,
    value      VARCHAR NOT NULL,
    meaning    VARCHAR NOT NULL,
    heading    VARCHAR,
    valid_from DATE, -- inclusive; NULL: no bound known
    valid_to   DATE, -- exclusive; NULL: no bound known
    note       VARCHAR
);
