-- Copies what analysts see from the warehouse into the published file, sorted
-- so that look-ups by code skip data.
CREATE TABLE published.main.releases AS
    FROM warehouse.main.releases ORDER BY release_order;
-- Small, and asked by every macro: therefore not a view. Until January 2020 a
-- release was in force for a year, since then for a quarter. It counts as known
-- from the day of its publication, and never later than one that follows it.
CREATE TABLE published.main.release_dates AS
    SELECT release, release_order, quarter,
           effective_date AS in_force_from,
           CAST(CASE
               WHEN year(effective_date) < 2020 THEN make_date(year(effective_date) + 1, 1, 1)
               ELSE effective_date + INTERVAL 3 MONTH
           END AS DATE) AS in_force_to,
           min(coalesce(CAST(published_at AS DATE), effective_date)) OVER (
               ORDER BY release_order ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
           ) AS known_date
    FROM warehouse.main.releases
    WHERE state = 'loaded'
    ORDER BY release_order;
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
