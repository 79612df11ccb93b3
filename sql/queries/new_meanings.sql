-- Which codes got a description that has little in common with the one before,
-- although CMS neither ended the code nor moved its added date?
SET VARIABLE similarity = '0.5'; -- below which a description counts as another

SELECT code_changes.release, code, action_code, agreement, effective_date,
       round(description_similarity, 2) AS similarity, old_value AS old_description, new_value AS new_description
FROM code_changes
JOIN field_changes USING (release, code)
WHERE change = 'changed' AND field = 'long_description'
  AND description_similarity < CAST(getvariable('similarity') AS DOUBLE)
ORDER BY description_similarity, code_changes.release, code;
