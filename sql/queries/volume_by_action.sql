-- How many actions does CMS declare in each release, and do the data bear them
-- out?
SELECT release, action_code, meaning, count(*) AS codes,
       count(*) FILTER (agreement = 'agrees') AS agrees,
       count(*) FILTER (agreement IN ('understated', 'contradicted', 'overstated', 'undeclared')) AS disagrees,
       count(*) FILTER (agreement = 'unverifiable') AS unverifiable
FROM code_changes
JOIN releases USING (release)
LEFT JOIN action_codes ON value = action_code
WHERE agreement IS NOT NULL
GROUP BY release, release_order, action_code, meaning
ORDER BY release_order, action_code;
