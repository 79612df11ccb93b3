-- What came with the releases, as CMS writes it: nothing of it is interpreted.
-- release is NULL where a file came by itself, and is of its quarter only.

CREATE TABLE transaction_reports (
    quarter      VARCHAR NOT NULL,
    release      VARCHAR,
    file         VARCHAR NOT NULL,
    sheet        VARCHAR NOT NULL,
    line         INTEGER NOT NULL, -- row in the sheet, from 1
    code         VARCHAR NOT NULL,
    label        VARCHAR NOT NULL, -- what was done to the code, in CMS's words
    action_code  VARCHAR           -- what the label stands for; NULL: an unknown label
);

CREATE TABLE corrections (
    quarter        VARCHAR NOT NULL,
    release        VARCHAR,
    file           VARCHAR NOT NULL,
    sheet          VARCHAR NOT NULL,
    line           INTEGER NOT NULL,
    code           VARCHAR,
    correction     VARCHAR,  -- in CMS's words
    effective_date DATE,
    details        VARCHAR[] -- the other cells, each as HEADER: value
);

CREATE TABLE noc_codes (
    quarter          VARCHAR NOT NULL,
    release          VARCHAR,
    file             VARCHAR NOT NULL,
    line             INTEGER NOT NULL,
    code             VARCHAR NOT NULL,
    description      VARCHAR,
    added_date       DATE,
    termination_date DATE
);

CREATE TABLE processing_notes (
    quarter VARCHAR NOT NULL,
    release VARCHAR,
    file    VARCHAR NOT NULL,
    line    INTEGER NOT NULL,
    note    VARCHAR NOT NULL, -- its number, four digits
    text    VARCHAR NOT NULL
);

-- Private: which files of the archive were read.
CREATE TABLE companions_read (
    sha256 VARCHAR NOT NULL, -- of the archived file
    entry  VARCHAR NOT NULL, -- its name in there
    error  VARCHAR           -- why it could not be read
);

-- What is wrong with companions.
CREATE TABLE companion_findings (
    quarter  VARCHAR NOT NULL,
    release  VARCHAR,
    file     VARCHAR NOT NULL,
    line     INTEGER,
    code     VARCHAR,
    field    VARCHAR,
    rule     VARCHAR NOT NULL,
    raw_text VARCHAR
);
