-- The corrections that came with the releases $1, or by themselves for one of the
-- quarters $2, as CMS wrote them: each with its release, empty in the latter case,
-- and its quarter.
SELECT coalesce(release, ''), quarter, coalesce(code, ''),
       concat_ws('; ', correction, CAST(effective_date AS VARCHAR), array_to_string(details, '; ')),
       file
FROM corrections
WHERE release IN (SELECT unnest(CAST($1 AS VARCHAR[])))
   OR (release IS NULL AND quarter IN (SELECT unnest(CAST($2 AS VARCHAR[]))))
ORDER BY file, sheet, line;
