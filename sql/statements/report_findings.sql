-- The findings of the releases $1 in the order of each file, NULL as an empty
-- text or 0.
SELECT release, file, coalesce(line, 0), coalesce(code, ''), coalesce(field, ''), rule, coalesce(raw_text, '')
FROM findings
WHERE release IN (SELECT unnest(CAST($1 AS VARCHAR[])))
ORDER BY file, line, code, field, rule, raw_text;
