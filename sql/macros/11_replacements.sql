-- What replaced a code, over all steps, each with its state (target_status; see
-- view crosswalk) and with what the target is now, which is NULL where the target
-- has become another thing since. A step can lead to several codes. No row for a
-- code that is in force without an end, unknown, or replaced by nothing; what
-- replaced an earlier life of it is in view crosswalk.
CREATE MACRO replacements(the_code) AS TABLE
SELECT crosswalk.code, crosswalk.step, crosswalk.via, crosswalk.target, crosswalk.target_status, crosswalk.is_end,
       targets.short_description, targets.code_added_date, targets.termination_date, crosswalk.path
FROM crosswalk
JOIN codes AS replaced ON replaced.code = crosswalk.code AND replaced.life = crosswalk.life
    AND replaced.termination_date = crosswalk.termination_date
LEFT JOIN codes AS targets ON targets.code = crosswalk.target AND targets.life = crosswalk.target_life
WHERE crosswalk.code = upper(trim(the_code))
ORDER BY step, via, target;
