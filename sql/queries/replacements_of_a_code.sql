-- What replaced a code, over all steps?
SET VARIABLE code = 'E7011';

SELECT step, via, target, target_status, is_end, short_description, termination_date
FROM replacements(getvariable('code'));
