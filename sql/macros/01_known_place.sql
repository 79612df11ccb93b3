-- The place in order (release_order) of the release that a word names: a release
-- (2020Q1r1), a quarter (2020Q1: its latest revision), a day (2020-02-15: the
-- latest release known by the end of it, see release_dates), or NULL for the
-- latest of all. NULL for a day before the first release was known; a word that
-- names no loaded release is an error.
CREATE MACRO known_place(known) AS (
    coalesce(
        (SELECT max(release_order) FROM release_dates
         WHERE known IS NULL
            OR upper(release_dates.release) = upper(trim(CAST(known AS VARCHAR)))
            OR release_dates.quarter = upper(trim(CAST(known AS VARCHAR)))
            OR known_date <= CAST(TRY_CAST(CAST(known AS VARCHAR) AS TIMESTAMP) AS DATE)),
        CASE WHEN known IS NOT NULL AND TRY_CAST(CAST(known AS VARCHAR) AS TIMESTAMP) IS NULL THEN
            CAST(error('no loaded release "' || CAST(known AS VARCHAR) || '": name one as 2020Q1r1, a quarter as 2020Q1, or a day as 2020-02-15; table releases lists them') AS INTEGER)
        END)
);
