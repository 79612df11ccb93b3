-- What the transaction reports say of the codes that changed, or that they say
-- changed, and what the data shows: agreement is that of code_changes, which
-- holds the same letters against the data. The baseline and releases after a gap
-- have nothing to be held against.
WITH latest AS (
    SELECT quarter, arg_max(release, release_order) AS release
    FROM releases
    WHERE state = 'loaded'
    GROUP BY quarter
),
reports AS (
    SELECT DISTINCT coalesce(transaction_reports.release, latest.release) AS release, file, code, label
    FROM transaction_reports
    LEFT JOIN latest USING (quarter)
)
SELECT release, file, code, agreement,
       'is "' || label || '" in the report, and the data shows '
           || coalesce(array_to_string(observed_actions, ' '), 'no difference') AS what
FROM reports
JOIN code_changes USING (release, code)
WHERE agreement IS NOT NULL AND agreement <> 'unverifiable'
ORDER BY ALL;
