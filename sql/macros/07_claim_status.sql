-- What to say of a code on a claim with that date of service, as known at a
-- release, quarter or day (known; by default now): valid, terminated, not_yet,
-- unlisted, unknown_code, other_code_set, before_records or missing_release.
-- Letter case and blanks around the code do not matter. NULL for no code or no
-- date. For millions of claim lines, join claim_calendar instead.
CREATE MACRO claim_status(the_code, on_date, known := NULL) AS (
    coalesce(
        (SELECT any_value(claim_calendar.claim_status)
         FROM claim_calendar
         WHERE claim_calendar.code = upper(trim(the_code))
           AND valid_from <= CAST(on_date AS DATE)
           AND (valid_to > CAST(on_date AS DATE) OR valid_to = DATE '9999-12-31')
           AND known_place(known) BETWEEN known_from_order AND known_to_order - 1),
        status_of_unknown(the_code, on_date, known := known))
);
