-- Whether a code was valid on a date, as known at a release (by default: now).
-- NULL where the code or the date is NULL, and where CMS had left the code out
-- of its files without ending it.
CREATE MACRO is_valid(the_code, on_date, known := NULL) AS (
    CASE WHEN the_code IS NULL OR on_date IS NULL THEN NULL
    ELSE (
        SELECT CASE
                   WHEN count(*) = 0 THEN false
                   WHEN bool_or(status = 'active' AND NOT listed) THEN NULL
                   ELSE bool_or(status = 'active')
               END
        FROM code_history
        JOIN releases AS since ON since.release = code_history.known_from
        LEFT JOIN releases AS until ON until.release = code_history.known_to
        WHERE code_history.code = upper(trim(the_code))
          AND valid_from <= CAST(on_date AS DATE)
          AND valid_to > CAST(on_date AS DATE)
          AND since.release_order <= known_order(known)
          AND (code_history.known_to IS NULL OR until.release_order > known_order(known))
    ) END
);
