-- Which changes and endings were still to come on a date, as known then?
SET VARIABLE date = '2020-06-15';

WITH known_then AS (
    SELECT * FROM claim_calendar
    WHERE CAST(getvariable('date') AS DATE) >= known_from_date AND CAST(getvariable('date') AS DATE) < known_to_date
),
today AS (
    SELECT code, claim_status FROM known_then
    WHERE CAST(getvariable('date') AS DATE) >= valid_from AND CAST(getvariable('date') AS DATE) < valid_to
)
SELECT valid_from AS from_day, code, kind, today.claim_status AS now, known_then.claim_status AS then, short_description, termination_date
FROM known_then
JOIN today USING (code)
WHERE valid_from > CAST(getvariable('date') AS DATE)
ORDER BY from_day, code;
