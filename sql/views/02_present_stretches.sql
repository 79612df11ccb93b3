-- Which stretch of each code holds on the first day of the latest release's
-- quarter, as known now, or is the nearest to that day: one row a code. Views
-- codes and crosswalk stand on it.
CREATE VIEW present_stretches AS
WITH latest AS (
    SELECT effective_date AS first_day
    FROM releases
    WHERE state = 'loaded'
    ORDER BY release_order DESC
    LIMIT 1
),
known AS (
    SELECT code, valid_from,
           CASE
               WHEN NOT listed AND status = 'active' THEN 'unlisted'
               WHEN valid_from > first_day THEN 'future'
               ELSE status
           END AS status,
           -- What has begun goes before what is still to begin.
           abs(date_diff('day', valid_from, first_day)) + CASE WHEN valid_from > first_day THEN 10000000 ELSE 0 END AS days
    FROM code_history, latest
    WHERE known_to IS NULL
)
SELECT code, arg_min(valid_from, days) AS valid_from, arg_min(status, days) AS status
FROM known
GROUP BY code;
