-- The warehouse: what the releases say, and all that is derived from it.
-- Tables without a word of their own are published as they stand; the private
-- ones say so. Release ids are text (2025Q4r1); release_order sorts them.

CREATE TABLE releases (
    release          VARCHAR NOT NULL,   -- 2025Q4r1
    release_order    INTEGER NOT NULL,   -- year, quarter, revision: 20254001
    quarter          VARCHAR NOT NULL,   -- 2025Q4
    revision         INTEGER NOT NULL,   -- from 1
    effective_date   DATE NOT NULL,      -- first day of the quarter
    published_at     TIMESTAMP,          -- UTC
    published_basis  VARCHAR,            -- where published_at comes from
    fetched_at       TIMESTAMP NOT NULL, -- UTC
    source           VARCHAR NOT NULL,   -- where it came from: a URL or a path
    file_name        VARCHAR NOT NULL,   -- the main file
    sha256           VARCHAR NOT NULL,   -- of the main file's bytes
    format           VARCHAR NOT NULL,   -- txt or xlsx
    records          INTEGER NOT NULL,
    procedures       INTEGER NOT NULL,
    modifiers        INTEGER NOT NULL,
    previous_release VARCHAR,            -- the loaded release before it in order
    gap              BOOLEAN,            -- whether a release is missing between the two
    state            VARCHAR NOT NULL,   -- loaded or held
    held_because     VARCHAR
);

-- One row for a code and the releases, from first_release to last_release, that
-- carry the same record of it; last_release is NULL while the latest one does.
CREATE TABLE record_spans (
    code                          VARCHAR NOT NULL,
    kind                          VARCHAR NOT NULL,
    first_release                 VARCHAR NOT NULL,
    last_release                  VARCHAR,
    first_release_order           INTEGER NOT NULL,
    last_release_order            INTEGER,
    action_code                   VARCHAR,
    action_effective_date         DATE,
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

-- Where each code stands in each file.
CREATE TABLE record_lines (
    release_order   INTEGER NOT NULL,
    code            VARCHAR NOT NULL,
    sequence_number VARCHAR,
    source_line     INTEGER NOT NULL -- from 1
);

CREATE TABLE code_history (
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

CREATE TABLE code_changes (
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

CREATE TABLE field_changes (
    release          VARCHAR NOT NULL,
    previous_release VARCHAR,
    code             VARCHAR NOT NULL,
    kind             VARCHAR NOT NULL,
    field            VARCHAR NOT NULL,
    old_value        VARCHAR,
    new_value        VARCHAR,
    typographic      BOOLEAN NOT NULL
);

CREATE TABLE findings (
    release  VARCHAR NOT NULL,
    file     VARCHAR NOT NULL,
    line     INTEGER,
    code     VARCHAR,
    field    VARCHAR,
    rule     VARCHAR NOT NULL,
    raw_text VARCHAR
);

-- Private: what each code's last record was, so that a new release is held
-- against hashes before fields.
CREATE TABLE last_records (
    code        VARCHAR NOT NULL,
    record_hash BLOB NOT NULL,
    listed      BOOLEAN NOT NULL -- whether the latest release has the code
);

-- Private: one row a run; no end means that it was killed.
CREATE TABLE runs (
    run             INTEGER NOT NULL, -- from 1
    started_at      TIMESTAMP NOT NULL, -- UTC
    ended_at        TIMESTAMP,
    outcome         VARCHAR,
    source          VARCHAR,
    releases_loaded INTEGER,
    releases_held   INTEGER,
    changes         INTEGER,
    findings        INTEGER,
    error           VARCHAR
);

-- Private: what was last published, so that a run that changes nothing need not
-- open the analysts' file.
CREATE TABLE publication (
    fingerprint VARCHAR NOT NULL,
    size        BIGINT NOT NULL -- of the file, in bytes
);
