-- Where a transaction report and the main file of its release differ. A report
-- that came by itself is held against the latest revision of its quarter. A
-- blank action code counts as N. The reports were read anew into a table of their
-- own; the rest is asked of the published file, which is in use.
WITH latest AS (
    SELECT quarter, arg_max(release, release_order) AS release
    FROM releases
    WHERE state = 'loaded'
    GROUP BY quarter
),
reports AS (
    SELECT coalesce(lines.release, latest.release) AS release, file, code, label, action_code
    FROM temp.main.transaction_lines AS lines
    LEFT JOIN latest USING (quarter)
),
records AS (
    SELECT release, code, coalesce(action_code, 'N') AS action_code
    FROM release_records
    WHERE release IN (SELECT release FROM reports)
)
SELECT reports.release, file, code,
       CASE
           WHEN records.code IS NULL THEN 'is only in the report, as "' || label || '"'
           WHEN reports.action_code IS NULL THEN 'has an unknown label in the report: "' || label || '"'
           ELSE 'is ' || reports.action_code || ' in the report ("' || label || '") and ' || records.action_code || ' in the file'
       END AS what
FROM reports
LEFT JOIN records USING (release, code)
WHERE reports.release IS NOT NULL
  AND reports.action_code IS DISTINCT FROM records.action_code
UNION ALL
SELECT records.release, files.file, code, 'is only in the file, as ' || action_code
FROM records
JOIN (SELECT DISTINCT release, file FROM reports) AS files USING (release)
WHERE NOT EXISTS (
    SELECT 1 FROM reports
    WHERE reports.release = records.release AND reports.file = files.file AND reports.code = records.code
)
ORDER BY ALL;
