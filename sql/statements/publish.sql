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
