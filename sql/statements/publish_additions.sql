-- Adds to a copy of the published file what the warehouse has beyond it, and removes
-- what is to be written anew of the codes in touched_codes (touched_codes.sql):
-- records, changes and history. The variable published_order is the latest release
-- in the file: since then, releases came after it, and none before.
DELETE FROM published.main.record_spans WHERE code IN (FROM touched_codes);
DELETE FROM published.main.code_history WHERE code IN (FROM touched_codes);
DELETE FROM published.main.code_changes WHERE code IN (FROM touched_codes);
DELETE FROM published.main.field_changes WHERE code IN (FROM touched_codes);

INSERT INTO published.main.record_places
    FROM warehouse.main.record_places
    WHERE release_order > getvariable('published_order');
INSERT INTO published.main.sequence_numbers
    FROM warehouse.main.sequence_numbers
    WHERE release_order > getvariable('published_order');
INSERT INTO published.main.code_numbers
    SELECT code_number, code
    FROM warehouse.main.last_records
    WHERE code NOT IN (SELECT code FROM published.main.code_numbers)
    ORDER BY code;
INSERT INTO published.main.findings
    SELECT findings.*
    FROM warehouse.main.findings
    JOIN warehouse.main.releases USING (release)
    WHERE release_order > getvariable('published_order')
    ORDER BY release_order, file, line, code, field, rule;

DELETE FROM published.main.transaction_reports AS old
    USING warehouse.main.unpublished_companions AS new
    WHERE old.quarter = new.quarter AND old.release IS NOT DISTINCT FROM new.release AND old.file = new.file;
INSERT INTO published.main.transaction_reports
    SELECT rows.*
    FROM warehouse.main.transaction_reports AS rows
    SEMI JOIN warehouse.main.unpublished_companions AS new
        ON rows.quarter = new.quarter AND rows.release IS NOT DISTINCT FROM new.release AND rows.file = new.file
    ORDER BY quarter, release, file, sheet, line;
DELETE FROM published.main.corrections AS old
    USING warehouse.main.unpublished_companions AS new
    WHERE old.quarter = new.quarter AND old.release IS NOT DISTINCT FROM new.release AND old.file = new.file;
INSERT INTO published.main.corrections
    SELECT rows.*
    FROM warehouse.main.corrections AS rows
    SEMI JOIN warehouse.main.unpublished_companions AS new
        ON rows.quarter = new.quarter AND rows.release IS NOT DISTINCT FROM new.release AND rows.file = new.file
    ORDER BY quarter, release, file, sheet, line;
DELETE FROM published.main.noc_codes AS old
    USING warehouse.main.unpublished_companions AS new
    WHERE old.quarter = new.quarter AND old.release IS NOT DISTINCT FROM new.release AND old.file = new.file;
INSERT INTO published.main.noc_codes
    SELECT rows.*
    FROM warehouse.main.noc_codes AS rows
    SEMI JOIN warehouse.main.unpublished_companions AS new
        ON rows.quarter = new.quarter AND rows.release IS NOT DISTINCT FROM new.release AND rows.file = new.file
    ORDER BY code, quarter, release, file, line;
DELETE FROM published.main.processing_notes AS old
    USING warehouse.main.unpublished_companions AS new
    WHERE old.quarter = new.quarter AND old.release IS NOT DISTINCT FROM new.release AND old.file = new.file;
INSERT INTO published.main.processing_notes
    SELECT rows.*
    FROM warehouse.main.processing_notes AS rows
    SEMI JOIN warehouse.main.unpublished_companions AS new
        ON rows.quarter = new.quarter AND rows.release IS NOT DISTINCT FROM new.release AND rows.file = new.file
    ORDER BY note, quarter, release, file;
DELETE FROM published.main.companion_findings AS old
    USING warehouse.main.unpublished_companions AS new
    WHERE old.quarter = new.quarter AND old.release IS NOT DISTINCT FROM new.release AND old.file = new.file;
INSERT INTO published.main.companion_findings
    SELECT rows.*
    FROM warehouse.main.companion_findings AS rows
    SEMI JOIN warehouse.main.unpublished_companions AS new
        ON rows.quarter = new.quarter AND rows.release IS NOT DISTINCT FROM new.release AND rows.file = new.file
    ORDER BY quarter, release, file, line, code, field, rule;
