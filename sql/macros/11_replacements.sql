-- What replaced a code, over all steps, each with its state (target_status; see
-- view crosswalk) and with what the target is now. A step can lead to several
-- codes. No row for a code that is in force, unknown, or replaced by nothing.
CREATE MACRO replacements(the_code) AS TABLE
SELECT crosswalk.code, crosswalk.step, crosswalk.via, crosswalk.target, crosswalk.target_status, crosswalk.is_end,
       codes.short_description, codes.code_added_date, codes.termination_date, crosswalk.path
FROM crosswalk
LEFT JOIN codes ON codes.code = crosswalk.target
WHERE crosswalk.code = upper(trim(the_code))
ORDER BY step, via, target;
