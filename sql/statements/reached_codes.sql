-- The codes $1, and all that their records ever named as cross references, over all
-- steps; what is named need not be a code of these files.
WITH RECURSIVE reached(code) AS (
    SELECT unnest(CAST($1 AS VARCHAR[]))
    UNION
    SELECT unnest(record_spans.cross_references)
    FROM reached
    JOIN record_spans ON record_spans.code = reached.code AND record_spans.cross_references IS NOT NULL
)
SELECT code
FROM reached
ORDER BY code;
