-- Where do CMS's action codes and the data disagree in a release?
SET VARIABLE release = '2020Q4r1';

SELECT agreement, code, change, action_code, observed_actions, effective_date,
       string_agg(field, ', ' ORDER BY field) AS fields
FROM code_changes
LEFT JOIN field_changes USING (release, code)
WHERE release = known_release(getvariable('release')) AND agreement NOT IN ('agrees', 'unverifiable')
GROUP BY ALL
ORDER BY agreement, code;
