-- What the transaction reports say was done to a code, and what the data of its
-- release and the one before show. agreement is that of code_changes where the
-- report has the file's own letter; a report that says otherwise contradicts,
-- and one that says something of a code that did not change overstates. The
-- baseline and releases after a gap have nothing to be held against. The reports
-- were read anew into a table of their own; the rest is asked of the published file,
-- which is in use.
WITH latest AS (
    SELECT quarter, arg_max(release, release_order) AS release
    FROM releases
    WHERE state = 'loaded'
    GROUP BY quarter
),
reports AS (
    SELECT DISTINCT coalesce(lines.release, latest.release) AS release, file, code, label, action_code
    FROM temp.main.transaction_lines AS lines
    LEFT JOIN latest USING (quarter)
)
SELECT reports.release, file, reports.code,
       CASE
           WHEN code_changes.code IS NULL THEN 'overstated'
           WHEN reports.action_code IS DISTINCT FROM coalesce(code_changes.action_code, 'N') THEN 'contradicted'
           ELSE agreement
       END AS agreement,
       'is "' || label || '" in the report, and the data shows '
           || coalesce(array_to_string(observed_actions, ' '), 'no difference') AS what
FROM reports
JOIN releases ON releases.release = reports.release
LEFT JOIN code_changes ON code_changes.release = reports.release AND code_changes.code = reports.code
WHERE releases.previous_release IS NOT NULL AND NOT releases.gap
  AND (agreement IS NOT NULL OR (code_changes.code IS NULL AND reports.action_code <> 'N'))
ORDER BY ALL;
