-- Which payment, coverage, BETOS and type of service fields changed in a release?
SET VARIABLE release = '2020Q4r1';

SELECT CASE
           WHEN field IN ('betos', 'types_of_service') THEN 'statistics'
           WHEN field IN ('coverage_code', 'coverage_issues_manual_refs', 'medicare_carriers_manual_refs', 'statute',
                          'lab_certifications', 'processing_note') THEN 'coverage'
           ELSE 'payment'
       END AS subject,
       field_changes.code, field, old_value, old_list.meaning AS old_meaning, new_value, new_list.meaning AS new_meaning,
       action_code, agreement, effective_date
FROM field_changes
JOIN code_changes USING (release, code)
LEFT JOIN coverage_codes AS old_list ON field = 'coverage_code' AND old_list.value = old_value
LEFT JOIN coverage_codes AS new_list ON field = 'coverage_code' AND new_list.value = new_value
WHERE release = known_release(getvariable('release'))
  AND field NOT IN ('long_description', 'short_description', 'cross_references', 'code_added_date', 'termination_date', 'action_effective_date')
ORDER BY subject, field_changes.code, field;
