-- The tables of facts of which the published file has another number of rows
-- than the warehouse, NULL where there are none.
SELECT string_agg(table_name, ', ')
FROM (
    SELECT 'record_spans' AS table_name,
           (SELECT count(*) FROM warehouse.main.record_spans) = (SELECT count(*) FROM published.main.record_spans) AS same
    UNION ALL
    SELECT 'record_places',
           (SELECT count(*) FROM warehouse.main.record_places) = (SELECT count(*) FROM published.main.record_places)
    UNION ALL
    SELECT 'sequence_numbers',
           (SELECT count(*) FROM warehouse.main.sequence_numbers) = (SELECT count(*) FROM published.main.sequence_numbers)
    UNION ALL
    SELECT 'code_numbers',
           (SELECT count(*) FROM warehouse.main.last_records) = (SELECT count(*) FROM published.main.code_numbers)
    UNION ALL
    SELECT 'findings',
           (SELECT count(*) FROM warehouse.main.findings) = (SELECT count(*) FROM published.main.findings)
    UNION ALL
    SELECT 'transaction_reports',
           (SELECT count(*) FROM warehouse.main.transaction_reports) = (SELECT count(*) FROM published.main.transaction_reports)
    UNION ALL
    SELECT 'corrections',
           (SELECT count(*) FROM warehouse.main.corrections) = (SELECT count(*) FROM published.main.corrections)
    UNION ALL
    SELECT 'noc_codes',
           (SELECT count(*) FROM warehouse.main.noc_codes) = (SELECT count(*) FROM published.main.noc_codes)
    UNION ALL
    SELECT 'processing_notes',
           (SELECT count(*) FROM warehouse.main.processing_notes) = (SELECT count(*) FROM published.main.processing_notes)
)
WHERE NOT same;
