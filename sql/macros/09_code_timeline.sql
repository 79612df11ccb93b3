-- The life of a code over both times: its rows of code_history, in the order in
-- which they became known. No row for a code that is in no release.
CREATE MACRO code_timeline(the_code) AS TABLE
SELECT code_history.*
FROM code_history
JOIN releases AS since ON since.release = code_history.known_from
WHERE code_history.code = upper(trim(the_code))
ORDER BY since.release_order, valid_from;
