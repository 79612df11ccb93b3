-- The release $2 (in order: $3) was the last one to carry the present records
-- of some codes.
UPDATE record_spans
SET last_release = $2, last_release_order = $3
WHERE last_release IS NULL AND code IN (SELECT unnest(CAST($1 AS VARCHAR[])));
