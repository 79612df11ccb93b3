-- The steps from some codes to what replaced them, and those that lead to one of
-- them. $1: the codes, NULL for all.
SELECT DISTINCT code, step, via, target, target_status
FROM crosswalk
WHERE $1 IS NULL OR code IN (SELECT unnest(CAST($1 AS VARCHAR[]))) OR target IN (SELECT unnest(CAST($1 AS VARCHAR[])))
ORDER BY step, via, target, code;
