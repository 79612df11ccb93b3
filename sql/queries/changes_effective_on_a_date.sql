-- Which codes were added, terminated, re-activated or revised with effect from a
-- span of dates, whichever release said so? A later release can have withdrawn it: code_history
-- says what is known now.
SET VARIABLE first_day = '2020-10-01';
SET VARIABLE last_day = '2020-12-31'; -- inclusive

SELECT effective_date, change, code, kind, release, timing, timing_days
FROM code_changes
WHERE effective_date BETWEEN CAST(getvariable('first_day') AS DATE) AND CAST(getvariable('last_day') AS DATE)
  AND change NOT IN ('date_only', 'declared_only')
ORDER BY effective_date, change, code;
