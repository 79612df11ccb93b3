-- Every day that can be a date, one after the other from 1950-01-01: the first
-- release that covers it as a date of service (see date_coverage; 99999999: none
-- does), and the latest release known on it (-1: none was).
WITH days AS (
    SELECT CAST(unnest(generate_series(DATE '1950-01-01', DATE '2149-12-31', INTERVAL 1 DAY)) AS DATE) AS day
),
covering AS (
    SELECT day, min(release_order) AS covered_by
    FROM days
    JOIN release_dates ON date_trunc('quarter', day) >= in_force_from AND date_trunc('quarter', day) < in_force_to
    GROUP BY day
)
SELECT coalesce(covered_by, 99999999) AS covered_by, day < (SELECT min(in_force_from) FROM release_dates) AS before_records,
       coalesce(release_dates.release_order, -1) AS known_place, coalesce(release_dates.release, '') AS known_release
FROM days
LEFT JOIN covering USING (day)
ASOF LEFT JOIN (
    SELECT known_date, max(release_order) AS release_order, max_by(release, release_order) AS release
    FROM release_dates
    GROUP BY known_date
) AS release_dates ON days.day >= release_dates.known_date
ORDER BY day;
