-- Copies what analysts see from the warehouse into the published file, sorted
-- so that look-ups by code skip data.
CREATE TABLE published.main.releases AS
    FROM warehouse.main.releases ORDER BY release_order;
CREATE TABLE published.main.record_spans AS
    FROM warehouse.main.record_spans ORDER BY code, first_release_order;
CREATE TABLE published.main.record_lines AS
    FROM warehouse.main.record_lines ORDER BY code, release_order;
CREATE TABLE published.main.code_history AS
    SELECT code_history.*
    FROM warehouse.main.code_history
    JOIN warehouse.main.releases ON releases.release = code_history.known_from
    ORDER BY code, release_order, valid_from;
CREATE TABLE published.main.code_changes AS
    SELECT code_changes.*
    FROM warehouse.main.code_changes
    JOIN warehouse.main.releases USING (release)
    ORDER BY code, release_order;
CREATE TABLE published.main.field_changes AS
    SELECT field_changes.*
    FROM warehouse.main.field_changes
    JOIN warehouse.main.releases USING (release)
    ORDER BY code, release_order;
CREATE TABLE published.main.findings AS
    SELECT findings.*
    FROM warehouse.main.findings
    JOIN warehouse.main.releases USING (release)
    ORDER BY release_order, file, line, code, field, rule;
CREATE TABLE published.main.transaction_reports AS
    FROM warehouse.main.transaction_reports ORDER BY code, quarter, release, file, sheet, line;
CREATE TABLE published.main.corrections AS
    FROM warehouse.main.corrections ORDER BY quarter, release, file, sheet, line;
CREATE TABLE published.main.noc_codes AS
    FROM warehouse.main.noc_codes ORDER BY code, quarter, release, file, line;
CREATE TABLE published.main.processing_notes AS
    FROM warehouse.main.processing_notes ORDER BY note, quarter, release, file;
CREATE TABLE published.main.companion_findings AS
    FROM warehouse.main.companion_findings ORDER BY quarter, release, file, line, code, field, rule;
