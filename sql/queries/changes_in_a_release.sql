-- Which codes were added, terminated, re-activated or revised in a release?
SET VARIABLE release = '2020Q2r1';

SELECT code, kind, change, action_code, effective_date, timing
FROM code_changes
WHERE release = getvariable('release')
ORDER BY change, code;
