-- What changed between the revisions of one quarter?
SET VARIABLE quarter = '2020Q4';

SELECT releases.release, releases.published_at, code_changes.code, change, action_code, agreement,
       effective_date_of_change, field, old_value, new_value
FROM releases
JOIN (SELECT release, code, change, action_code, agreement, effective_date AS effective_date_of_change FROM code_changes) AS code_changes
    USING (release)
LEFT JOIN field_changes ON field_changes.release = releases.release AND field_changes.code = code_changes.code
WHERE quarter = getvariable('quarter') AND revision > 1
ORDER BY releases.release_order, code_changes.code, field;
