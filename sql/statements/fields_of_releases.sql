-- The changed fields of the releases $1, NULL as an empty text.
SELECT release, code, field, coalesce(old_value, ''), coalesce(new_value, ''), typographic
FROM field_changes
WHERE release IN (SELECT unnest(CAST($1 AS VARCHAR[])))
ORDER BY code, field;
