-- The warehouse keeps facts: what the releases say. Changes and history follow
-- from them, and are derived for the published file.
-- Private: how many codes each release changed.
CREATE TABLE change_counts (
    release VARCHAR NOT NULL,
    changes INTEGER NOT NULL
);
INSERT INTO change_counts
    SELECT release, count(*) FROM code_changes GROUP BY release;
DROP TABLE code_history;
DROP TABLE code_changes;
DROP TABLE field_changes;

-- Private: what was last published, so that a run that changes nothing leaves
-- the analysts' file alone, and one that adds a release adds to it. No row:
-- nothing was, or it is not to be built upon.
DROP TABLE publication;
CREATE TABLE publication (
    fingerprint   VARCHAR NOT NULL, -- of all that the file holds
    form          VARCHAR NOT NULL, -- of the program's part of it: tables, macros, comments, code lists
    sha256        VARCHAR NOT NULL, -- of the file
    release_order INTEGER NOT NULL, -- of the latest release in it
    additions     INTEGER NOT NULL  -- how often was added to it since it was written whole
);

-- Private: whose rows of companions are not published yet.
CREATE TABLE unpublished_companions (
    quarter VARCHAR NOT NULL,
    release VARCHAR,
    file    VARCHAR NOT NULL
);
