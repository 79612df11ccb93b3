-- Which claims already paid rest on something that CMS's releases said otherwise
-- later? The claims (code, date of service, day of payment) stand here as text,
-- to try it; for your own, put your table in the place of the text.
SET VARIABLE claims = 'C7121 2020-02-03 2020-04-20, C7121 2020-04-03 2020-04-20, L7271 2020-08-03 2020-08-20, G7103 2020-05-03 2020-05-20, K4 2020-03-10 2020-03-20, E7011 2020-03-10 2020-03-20, G7102 2020-02-10 2020-03-20';

WITH claims AS (
    SELECT claim_line, split_part(line, ' ', 1) AS code,
           CAST(split_part(line, ' ', 2) AS DATE) AS date_of_service, CAST(split_part(line, ' ', 3) AS DATE) AS paid_on
    FROM (SELECT unnest(string_split(getvariable('claims'), ', ')) AS line,
                 unnest(range(1, len(string_split(getvariable('claims'), ', ')) + 1)) AS claim_line)
),
checked AS (
    SELECT claims.*,
           coalesce(was.claim_status, status_of_unknown(claims.code, date_of_service)) AS status_when_paid,
           coalesce(now.claim_status, status_of_unknown(claims.code, date_of_service)) AS status_now,
           was.short_description AS meaning_when_paid, now.short_description AS meaning_now,
           was.known_to_order
    FROM claims
    LEFT JOIN claim_calendar AS was ON was.code = upper(trim(claims.code))
        AND claims.date_of_service >= was.valid_from AND claims.date_of_service < was.valid_to
        AND claims.paid_on >= was.known_from_date AND claims.paid_on < was.known_to_date
    LEFT JOIN claim_calendar AS now ON now.code = upper(trim(claims.code))
        AND claims.date_of_service >= now.valid_from AND claims.date_of_service < now.valid_to
        AND now.known_to_date = '9999-12-31'
)
SELECT claim_line, code, date_of_service, paid_on, status_when_paid, status_now, meaning_when_paid, meaning_now,
       releases.release AS first_said_otherwise_by
FROM checked
LEFT JOIN releases ON releases.release_order = checked.known_to_order
WHERE status_when_paid IS DISTINCT FROM status_now OR meaning_when_paid IS DISTINCT FROM meaning_now
ORDER BY claim_line;
