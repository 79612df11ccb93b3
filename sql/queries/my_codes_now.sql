-- Where do the codes on my list stand now: which have ended, are left out of
-- CMS's file or unknown, and what replaced them?
SET VARIABLE codes = 'E7011, E7014, J7031, G7042, 99213, Z9999';

SELECT upper(trim(mine.code)) AS code, coalesce(status, 'unknown') AS status, life, code_added_date, termination_date, short_description,
       (SELECT list(DISTINCT target ORDER BY target) FROM crosswalk
        WHERE crosswalk.code = codes.code AND crosswalk.life = codes.life AND crosswalk.termination_date = codes.termination_date
          AND is_end) AS replacements
FROM (SELECT unnest(string_split(getvariable('codes'), ',')) AS code) AS mine
LEFT JOIN codes ON codes.code = upper(trim(mine.code))
ORDER BY 1;
