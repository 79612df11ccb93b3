-- Which of my claim lines carry a code that was not valid on its date, why, and
-- what should it have been? The claims (code, date of service) stand here as
-- text, to try it; for your own, put your table in the place of the text.
SET VARIABLE claims = 'E7011 2020-03-31, E7011 2020-04-01, J7021 2020-08-15, G7042 2020-08-15, C7152 2020-01-20, q7163 2019-05-05, V8 2020-05-01, 99213 2020-05-01, Z9999 2020-05-01';

WITH claims AS (
    SELECT claim_line, split_part(line, ' ', 1) AS code, CAST(split_part(line, ' ', 2) AS DATE) AS date_of_service
    FROM (SELECT unnest(string_split(getvariable('claims'), ', ')) AS line,
                 unnest(range(1, len(string_split(getvariable('claims'), ', ')) + 1)) AS claim_line)
),
checked AS (
    SELECT claims.*,
           coalesce(claim_status, status_of_unknown(claims.code, date_of_service)) AS claim_status,
           valid_from, valid_to, life, termination_date
    FROM claims
    LEFT JOIN claim_calendar ON claim_calendar.code = upper(trim(claims.code))
        AND date_of_service >= valid_from AND date_of_service < valid_to
        AND known_to_date = '9999-12-31'
),
-- The nearest targets on the way from a terminated code that were valid on the
-- date, or that are not for these files to say (CPT).
targets AS (
    SELECT claim_line, list(DISTINCT target ORDER BY target) AS use_instead
    FROM (
        SELECT claim_line, target
        FROM checked
        JOIN crosswalk ON crosswalk.code = upper(trim(checked.code)) AND crosswalk.life = checked.life
            AND crosswalk.termination_date = checked.termination_date
        LEFT JOIN claim_calendar ON claim_calendar.code = target AND claim_calendar.life = target_life
            AND date_of_service >= claim_calendar.valid_from AND date_of_service < claim_calendar.valid_to
            AND known_to_date = '9999-12-31'
        WHERE checked.claim_status = 'terminated'
          AND (claim_calendar.claim_status = 'valid' OR target_status IN ('cpt', 'literal', 'unknown'))
        QUALIFY step = min(step) OVER (PARTITION BY claim_line)
    )
    GROUP BY claim_line
),
-- Dates before a code's first day are in none of its lives.
first_days AS (
    SELECT code, min(valid_from) AS first_day
    FROM claim_calendar
    WHERE known_to_date = '9999-12-31' AND life IS NOT NULL
    GROUP BY code
)
SELECT claim_line, checked.code, date_of_service, claim_status,
       CASE claim_status WHEN 'terminated' THEN least(termination_date + 1, valid_from) WHEN 'unlisted' THEN valid_from END AS since,
       CASE WHEN claim_status = 'not_yet' THEN first_day END AS valid_only_from,
       use_instead
FROM checked
LEFT JOIN targets USING (claim_line)
LEFT JOIN first_days ON first_days.code = upper(trim(checked.code))
WHERE claim_status IS DISTINCT FROM 'valid'
ORDER BY claim_line;
