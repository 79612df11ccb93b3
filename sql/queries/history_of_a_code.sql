-- What is the whole life of a code: what held from when to when, and since which
-- release did we know it?
SET VARIABLE code = 'G7103';

SELECT known_from, known_to, valid_from, valid_to, valid_from_basis, life, status, listed, attested, short_description
FROM code_timeline(getvariable('code'));
