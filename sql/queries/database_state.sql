-- Is the database current? What is missing, held back, doubtful?
SELECT 1 AS place, 'latest release' AS what, release AS which, CAST(effective_date AS VARCHAR) AS detail, records AS count
FROM (FROM releases WHERE state = 'loaded' ORDER BY release_order DESC LIMIT 1)
UNION ALL
SELECT 2, 'in force until (exclusive)', release, CAST(in_force_to AS VARCHAR), NULL
FROM (FROM release_dates ORDER BY release_order DESC LIMIT 1)
UNION ALL
SELECT 3, 'missing between', previous_release || ' and ' || release, NULL, NULL FROM releases WHERE gap
UNION ALL
SELECT 4, 'held back', release, held_because, records FROM releases WHERE state = 'held'
UNION ALL
SELECT 5, 'no publication time', release, NULL, NULL FROM releases WHERE published_at IS NULL
UNION ALL
SELECT 6, 'findings', release, rule, count(*) FROM findings GROUP BY release, rule
UNION ALL
SELECT 7, 'codes left out without an end', NULL, NULL, count(*) FROM codes WHERE status = 'unlisted'
UNION ALL
SELECT 8, 'stretches whose record is in no file', NULL, NULL, count(*) FROM code_history WHERE known_to IS NULL AND NOT attested
ORDER BY place, which, detail;
