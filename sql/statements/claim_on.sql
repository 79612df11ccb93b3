-- What the macros say of a code on a date, as known at a release; NULL is empty.
SELECT coalesce(claim_status(code, day, known := known_at), '') AS status,
       coalesce(CAST(is_valid(code, day, known := known_at) AS VARCHAR), '') AS valid
FROM (SELECT CAST(? AS VARCHAR), CAST(? AS DATE), CAST(? AS VARCHAR)) AS asked(code, day, known_at);
