-- What was true on a date, as known at a release, quarter or day (known; by
-- default now), a row a code: active codes, and with all_status := true
-- terminated ones too. Codes that CMS's files had left out without ending them
-- are among them, with listed = false; attested = false where the record on that
-- date is in no file; date_coverage says whether codes can be missing altogether.
CREATE MACRO codes_as_of(on_date, known := NULL, all_status := false) AS TABLE
-- What was known, and date_coverage, found once: all that is left for the rows
-- are comparisons with one row, which cost less than a join for each column that
-- is handed through it. A release is known where its quarter is an earlier one
-- (2020Q1r2 sorts before 2020Q2), or it is one of the latest quarter's known ones:
-- its name alone does not tell r9 from r10.
WITH asked AS (
    SELECT max(quarter) FILTER (release_order <= place) AS latest_quarter,
           list(release) FILTER (release_order BETWEEN place // 1000 * 1000 AND place) AS of_latest_quarter,
           CASE
               WHEN bool_and(day < in_force_from) THEN 'before_records'
               WHEN bool_or(release_order <= place AND day >= in_force_from AND day < in_force_to) THEN 'covered'
               ELSE 'missing_release'
           END AS date_coverage
    -- The arguments stand apart from the table: they may be columns of the same
    -- names.
    FROM release_dates, (SELECT known_order(known), CAST(on_date AS DATE)) AS arguments(place, day)
)
SELECT code_history.*, asked.date_coverage
FROM code_history, asked
WHERE valid_from <= CAST(on_date AS DATE)
  -- The open end holds the last of all dates too. One comparison with a constant
  -- is made while the table is read; so is known_to IS NULL where nothing is
  -- asked of an earlier day: what is still believed is all that is known.
  AND valid_to > least(CAST(on_date AS DATE), DATE '9999-12-30')
  AND (known IS NULL OR known_from < latest_quarter OR list_contains(of_latest_quarter, known_from))
  AND (known_to IS NULL OR (known IS NOT NULL AND known_to >= latest_quarter AND NOT list_contains(of_latest_quarter, known_to)))
  AND (all_status OR code_history.status = 'active')
ORDER BY code;
