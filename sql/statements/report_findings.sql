-- The findings of release $1 in the order of the file, NULL as an empty text or
-- 0.
SELECT file, coalesce(line, 0), coalesce(code, ''), coalesce(field, ''), rule, coalesce(raw_text, '')
FROM findings
WHERE release = $1
ORDER BY file, line, code, field, rule, raw_text;
