-- Copies the facts from the warehouse into the published file, sorted so that
-- look-ups by code skip data; what has a row for every code of every release is
-- sorted as it stands in the files, which takes less room. Changes and history
-- have tables of their own
-- (published_tables.sql), which are filled with what follows from the facts.
CREATE TABLE published.main.releases AS
    FROM warehouse.main.releases LIMIT 0; -- filled by publish_releases.sql
CREATE TABLE published.main.record_spans AS
    FROM warehouse.main.record_spans ORDER BY code, first_release_order;
CREATE TABLE published.main.record_lines AS
    FROM warehouse.main.record_lines ORDER BY release_order, source_line;
CREATE TABLE published.main.findings AS
    SELECT findings.*
    FROM warehouse.main.findings
    JOIN warehouse.main.releases USING (release)
    ORDER BY release_order, file, line, code, field, rule;
-- Lines that say that nothing was done are not among them: 98 of 100 do, of a code
-- that the release has anyway.
CREATE TABLE published.main.transaction_reports AS
    FROM warehouse.main.transaction_reports ORDER BY quarter, release, file, sheet, line;
CREATE TABLE published.main.corrections AS
    FROM warehouse.main.corrections ORDER BY quarter, release, file, sheet, line;
CREATE TABLE published.main.noc_codes AS
    FROM warehouse.main.noc_codes ORDER BY code, quarter, release, file, line;
CREATE TABLE published.main.processing_notes AS
    FROM warehouse.main.processing_notes ORDER BY note, quarter, release, file;
CREATE TABLE published.main.companion_findings AS
    FROM warehouse.main.companion_findings ORDER BY quarter, release, file, line, code, field, rule;
