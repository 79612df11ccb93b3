-- What does every field of a code say, in words?
SET VARIABLE code = 'L7304';

WITH the_code AS (SELECT * FROM codes WHERE code = upper(trim(getvariable('code')))),
said AS (
    SELECT 'code' AS name, code AS value FROM the_code
    UNION ALL SELECT 'status', status FROM the_code
    UNION ALL SELECT 'long_description', long_description FROM the_code
    UNION ALL SELECT 'short_description', short_description FROM the_code
    UNION ALL SELECT 'coverage_code', coverage_code FROM the_code
    UNION ALL SELECT 'pricing_indicators', unnest(pricing_indicators) FROM the_code
    UNION ALL SELECT 'multiple_pricing_indicator', multiple_pricing_indicator FROM the_code
    UNION ALL SELECT 'asc_payment_group', asc_payment_group FROM the_code
    UNION ALL SELECT 'betos', betos FROM the_code
    UNION ALL SELECT 'types_of_service', unnest(types_of_service) FROM the_code
    UNION ALL SELECT 'lab_certifications', unnest(lab_certifications) FROM the_code
    UNION ALL SELECT 'cross_references', unnest(cross_references) FROM the_code
    UNION ALL SELECT 'statute', statute FROM the_code
    UNION ALL SELECT 'processing_note', processing_note FROM the_code
    UNION ALL SELECT 'code_added_date', CAST(code_added_date AS VARCHAR) FROM the_code
    UNION ALL SELECT 'termination_date', CAST(termination_date AS VARCHAR) FROM the_code
),
meanings AS (
    SELECT 'coverage_code' AS name, value, meaning FROM coverage_codes
    UNION ALL SELECT 'pricing_indicators', value, meaning FROM pricing_indicators
    UNION ALL SELECT 'multiple_pricing_indicator', value, meaning FROM multiple_pricing_indicators
    UNION ALL SELECT 'asc_payment_group', value, meaning FROM asc_payment_groups
    UNION ALL SELECT 'betos', value, meaning FROM betos
    UNION ALL SELECT 'types_of_service', value, meaning FROM types_of_service
    UNION ALL SELECT 'lab_certifications', value, meaning FROM lab_certifications
)
SELECT title, said.value, meaning, definition
FROM said
JOIN fields USING (name)
LEFT JOIN meanings ON meanings.name = said.name AND meanings.value = said.value
WHERE said.value IS NOT NULL
ORDER BY fields.rowid, said.value;
