-- Which codes have certain words in their description, on a date?
SET VARIABLE words = 'lumidoverase implant'; -- all of them, in any order
SET VARIABLE date = '2021-04-01';

SELECT code, kind, valid_from, valid_to, long_description
FROM codes_as_of(getvariable('date'))
WHERE NOT EXISTS (
    SELECT 1 FROM (SELECT unnest(string_split(trim(getvariable('words')), ' ')) AS word)
    WHERE NOT contains(lower(long_description), lower(word)))
ORDER BY code;
