-- Whether a code was valid on a date, as known at a release, quarter or day
-- (known; by default now). NULL where nobody can tell: no code or no date, a
-- code that CMS left out of its files without ending it, a date that no loaded
-- release covers, a code of another code set. claim_status says which.
CREATE MACRO is_valid(the_code, on_date, known := NULL) AS (
    SELECT CASE
               WHEN said = 'valid' THEN true
               WHEN said IN ('terminated', 'not_yet', 'unknown_code') THEN false
           END
    FROM (SELECT claim_status(the_code, on_date, known := known) AS said)
);
