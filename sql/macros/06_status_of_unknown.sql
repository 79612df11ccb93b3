-- The claim status of a code that has no row in claim_calendar: other_code_set,
-- unknown_code, before_records or missing_release; NULL for no code or no date.
-- It belongs to a join with claim_calendar:
-- coalesce(claim_calendar.claim_status, status_of_unknown(code, date)).
CREATE MACRO status_of_unknown(the_code, on_date, known := NULL) AS (
    CASE
        WHEN the_code IS NULL OR trim(the_code) = '' THEN NULL
        WHEN regexp_full_match(upper(trim(the_code)), '[0-9]{4}[0-9A-Z]|D[0-9]{4}|[0-9]{2}|[1238]P|P[1-6]') AND on_date IS NOT NULL THEN 'other_code_set'
        ELSE replace(date_coverage(on_date, known := known), 'covered', 'unknown_code')
    END
);
