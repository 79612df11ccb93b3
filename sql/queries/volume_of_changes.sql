-- How many codes change, by release, family and kind of change?
SELECT release, CASE kind WHEN 'modifier' THEN 'modifier' ELSE left(code, 1) END AS family, meaning AS family_meaning,
       count(*) FILTER (change = 'added') AS added,
       count(*) FILTER (change = 'discontinued') AS discontinued,
       count(*) FILTER (change = 'reactivated') AS reactivated,
       count(*) FILTER (change = 'reused') AS reused,
       count(*) FILTER (change = 'changed') AS changed,
       count(*) FILTER (change IN ('vanished', 'aged_off')) AS left_out,
       count(*) FILTER (change = 'reappeared') AS reappeared
FROM code_changes
JOIN releases USING (release)
LEFT JOIN code_families ON value = CASE kind WHEN 'modifier' THEN 'modifier' ELSE left(code, 1) END
WHERE change NOT IN ('date_only', 'declared_only')
GROUP BY release, release_order, family, family_meaning
ORDER BY release_order, family;
