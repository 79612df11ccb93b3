-- Which codes were added, terminated, re-activated or revised in a release?
SET VARIABLE release = '2020Q4r1'; -- or a quarter (2020Q4: its latest revision), or a day on which we knew

SELECT change, code, kind, short_description, effective_date, timing, action_code, agreement
FROM code_changes
LEFT JOIN release_records USING (release, code, kind, action_code)
WHERE release = known_release(getvariable('release'))
ORDER BY change, code;
