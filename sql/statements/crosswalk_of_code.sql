-- The steps from code $1 to what replaced it, and those that lead to it.
SELECT DISTINCT code, step, via, target, target_status
FROM crosswalk
WHERE code = $1 OR target = $1
ORDER BY step, via, target, code;
