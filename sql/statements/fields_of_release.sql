-- The changed fields of release $1, NULL as an empty text.
SELECT code, field, coalesce(old_value, ''), coalesce(new_value, ''), typographic
FROM field_changes
WHERE release = $1
ORDER BY code, field;
