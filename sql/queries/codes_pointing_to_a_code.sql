-- Which codes have a cross-reference to a code, ended or live?
SET VARIABLE code = 'A7024';

SELECT code, kind, status, termination_date, cross_references, short_description
FROM codes
WHERE list_contains(cross_references, upper(trim(getvariable('code'))))
ORDER BY code;
