-- Copies the facts from the warehouse into the published file, sorted so that
-- look-ups by code skip data; what has a row for every code of every release stays
-- in the order in which it was loaded, release by release.
INSERT INTO published.main.record_spans
    FROM warehouse.main.record_spans ORDER BY code, first_release_order;
INSERT INTO published.main.record_places
    FROM warehouse.main.record_places;
INSERT INTO published.main.sequence_numbers
    FROM warehouse.main.sequence_numbers;
INSERT INTO published.main.code_numbers
    SELECT code_number, code FROM warehouse.main.last_records ORDER BY code;
INSERT INTO published.main.findings
    SELECT findings.*
    FROM warehouse.main.findings
    JOIN warehouse.main.releases USING (release)
    ORDER BY release_order, file, line, code, field, rule;
-- Lines that say that nothing was done are not among them: 98 of 100 do, of a code
-- that the release has anyway.
INSERT INTO published.main.transaction_reports
    FROM warehouse.main.transaction_reports ORDER BY quarter, release, file, sheet, line;
INSERT INTO published.main.corrections
    FROM warehouse.main.corrections ORDER BY quarter, release, file, sheet, line;
INSERT INTO published.main.noc_codes
    FROM warehouse.main.noc_codes ORDER BY code, quarter, release, file, line;
INSERT INTO published.main.processing_notes
    FROM warehouse.main.processing_notes ORDER BY note, quarter, release, file;
INSERT INTO published.main.companion_findings
    FROM warehouse.main.companion_findings ORDER BY quarter, release, file, line, code, field, rule;
