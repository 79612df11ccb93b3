-- For each table of facts, how many rows the warehouse and the published file have, and
-- whether they are the same ones: the sum of the rows' hashes tells, in whatever
-- order they stand.
SELECT 'releases' AS table_name, private.rows, published.rows AS published_rows, private.sum = published.sum AS same
FROM (SELECT count(*) AS rows, coalesce(sum(hash(releases)), 0) AS sum FROM warehouse.main.releases) AS private,
     (SELECT count(*) AS rows, coalesce(sum(hash(releases)), 0) AS sum FROM published.main.releases) AS published
UNION ALL
SELECT 'record_spans' AS table_name, private.rows, published.rows AS published_rows, private.sum = published.sum AS same
FROM (SELECT count(*) AS rows, coalesce(sum(hash(record_spans)), 0) AS sum FROM warehouse.main.record_spans) AS private,
     (SELECT count(*) AS rows, coalesce(sum(hash(record_spans)), 0) AS sum FROM published.main.record_spans) AS published
UNION ALL
SELECT 'record_lines' AS table_name, private.rows, published.rows AS published_rows, private.sum = published.sum AS same
FROM (SELECT count(*) AS rows, coalesce(sum(hash(record_lines)), 0) AS sum FROM warehouse.main.record_lines) AS private,
     (SELECT count(*) AS rows, coalesce(sum(hash(record_lines)), 0) AS sum FROM published.main.record_lines) AS published
UNION ALL
SELECT 'findings' AS table_name, private.rows, published.rows AS published_rows, private.sum = published.sum AS same
FROM (SELECT count(*) AS rows, coalesce(sum(hash(findings)), 0) AS sum FROM warehouse.main.findings) AS private,
     (SELECT count(*) AS rows, coalesce(sum(hash(findings)), 0) AS sum FROM published.main.findings) AS published
UNION ALL
SELECT 'transaction_reports' AS table_name, private.rows, published.rows AS published_rows, private.sum = published.sum AS same
FROM (SELECT count(*) AS rows, coalesce(sum(hash(transaction_reports)), 0) AS sum FROM warehouse.main.transaction_reports) AS private,
     (SELECT count(*) AS rows, coalesce(sum(hash(transaction_reports)), 0) AS sum FROM published.main.transaction_reports) AS published
UNION ALL
SELECT 'corrections' AS table_name, private.rows, published.rows AS published_rows, private.sum = published.sum AS same
FROM (SELECT count(*) AS rows, coalesce(sum(hash(corrections)), 0) AS sum FROM warehouse.main.corrections) AS private,
     (SELECT count(*) AS rows, coalesce(sum(hash(corrections)), 0) AS sum FROM published.main.corrections) AS published
UNION ALL
SELECT 'noc_codes' AS table_name, private.rows, published.rows AS published_rows, private.sum = published.sum AS same
FROM (SELECT count(*) AS rows, coalesce(sum(hash(noc_codes)), 0) AS sum FROM warehouse.main.noc_codes) AS private,
     (SELECT count(*) AS rows, coalesce(sum(hash(noc_codes)), 0) AS sum FROM published.main.noc_codes) AS published
UNION ALL
SELECT 'processing_notes' AS table_name, private.rows, published.rows AS published_rows, private.sum = published.sum AS same
FROM (SELECT count(*) AS rows, coalesce(sum(hash(processing_notes)), 0) AS sum FROM warehouse.main.processing_notes) AS private,
     (SELECT count(*) AS rows, coalesce(sum(hash(processing_notes)), 0) AS sum FROM published.main.processing_notes) AS published;
