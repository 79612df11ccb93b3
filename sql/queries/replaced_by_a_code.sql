-- What did a code replace, directly or over several steps?
SET VARIABLE code = 'E7014';

SELECT step, crosswalk.code, crosswalk.via, codes.status, crosswalk.termination_date, codes.short_description, path
FROM crosswalk
JOIN codes ON codes.code = crosswalk.code AND codes.life = crosswalk.life
JOIN codes AS mine ON mine.code = target AND mine.life = target_life
WHERE target = upper(trim(getvariable('code')))
ORDER BY step, crosswalk.code;
