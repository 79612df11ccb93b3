-- The steps from the codes from $1 to $2 to what replaced them, and those that
-- lead to one of them, as they stand now: nothing of earlier lives or ends.
WITH present AS MATERIALIZED (
    SELECT code, life, termination_date
    FROM code_history
    JOIN present_stretches USING (code, valid_from)
    WHERE known_to IS NULL
)
SELECT DISTINCT code, step, via, target, target_status
FROM crosswalk
JOIN present USING (code, life, termination_date)
LEFT JOIN present AS reached ON reached.code = target AND reached.life = target_life
WHERE code BETWEEN $1 AND $2 OR reached.code BETWEEN $1 AND $2
ORDER BY step, via, target, code;
