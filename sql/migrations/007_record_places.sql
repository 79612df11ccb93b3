-- Where each code stands in each file has a row for every code of every release. It is
-- kept in numbers, which take less time to write and to pack than texts; the view gives
-- it as it is published.
CREATE MACRO code_number(code) AS
    list_reduce([strpos('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', character) FOR character IN string_split(code, '')],
                lambda number, digit: 37 * number + digit);
ALTER TABLE last_records ADD COLUMN code_number INTEGER;
UPDATE last_records SET code_number = code_number(code);
CREATE TABLE record_places (
    release_order INTEGER NOT NULL,
    code_number   INTEGER NOT NULL, -- in last_records
    source_line   INTEGER NOT NULL  -- from 1
);
-- The sequence number that the codes of a release have, those left out that have a row
-- of their own; code is NULL in the row of all others.
CREATE TABLE sequence_numbers (
    release_order   INTEGER NOT NULL,
    code            VARCHAR,
    sequence_number VARCHAR
);
INSERT INTO record_places
    SELECT release_order, code_number(code), source_line FROM record_lines;
INSERT INTO sequence_numbers
    SELECT release_order, code, sequence_number FROM record_lines;
DROP TABLE record_lines;
DROP MACRO code_number;
CREATE VIEW record_lines AS
    SELECT places.release_order, last_records.code,
           CASE WHEN own.code IS NULL THEN common.sequence_number ELSE own.sequence_number END AS sequence_number,
           places.source_line
    FROM record_places AS places
    JOIN last_records USING (code_number)
    LEFT JOIN sequence_numbers AS own ON own.release_order = places.release_order AND own.code = last_records.code
    LEFT JOIN sequence_numbers AS common ON common.release_order = places.release_order AND common.code IS NULL;
