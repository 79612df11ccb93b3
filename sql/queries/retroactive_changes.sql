-- Which changes took effect before the quarter of the release that told them,
-- and by how many days?
SET VARIABLE days = '1'; -- at least so many

SELECT release, code, kind, change, action_code, agreement, effective_date, -timing_days AS days_late
FROM code_changes
WHERE timing = 'retroactive' AND -timing_days >= CAST(getvariable('days') AS INTEGER)
ORDER BY days_late DESC, release, code;
