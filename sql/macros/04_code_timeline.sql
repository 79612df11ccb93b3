-- The life of a code over both times, in the order in which it became known.
CREATE MACRO code_timeline(the_code) AS TABLE
SELECT code_history.*
FROM code_history
JOIN releases AS since ON since.release = code_history.known_from
WHERE code_history.code = upper(trim(the_code))
ORDER BY since.release_order, valid_from;
