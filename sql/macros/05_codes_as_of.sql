-- What was true on a date, as known at a release, quarter or day (known; by
-- default now), a row a code: active codes, and with all_status := true
-- terminated ones too. Codes that CMS's files had left out without ending them
-- are among them, with listed = false; attested = false where the record on that
-- date is in no file; date_coverage says whether codes can be missing altogether.
CREATE MACRO codes_as_of(on_date, known := NULL, all_status := false) AS TABLE
SELECT code_history.*, date_coverage(on_date, known := known) AS date_coverage
FROM code_history
JOIN releases AS since ON since.release = code_history.known_from
LEFT JOIN releases AS until ON until.release = code_history.known_to
WHERE valid_from <= CAST(on_date AS DATE)
  AND (valid_to > CAST(on_date AS DATE) OR valid_to = DATE '9999-12-31')
  AND since.release_order <= known_order(known)
  AND (code_history.known_to IS NULL OR until.release_order > known_order(known))
  AND (all_status OR code_history.status = 'active')
ORDER BY code;
