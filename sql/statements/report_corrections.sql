-- The corrections that came with release $1, or by themselves for its quarter
-- $2, as CMS wrote them.
SELECT coalesce(code, ''),
       concat_ws('; ', correction, CAST(effective_date AS VARCHAR), array_to_string(details, '; ')),
       file
FROM corrections
WHERE release = $1 OR (release IS NULL AND quarter = $2)
ORDER BY file, sheet, line;
