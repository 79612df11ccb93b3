-- The steps from the codes from $1 to $2 to what replaced them, and those that
-- lead to one of them.
SELECT DISTINCT code, step, via, target, target_status
FROM crosswalk
WHERE code BETWEEN $1 AND $2 OR target BETWEEN $1 AND $2
ORDER BY step, via, target, code;
