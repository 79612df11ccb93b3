-- What is wrong with the file of a release?
SET VARIABLE release = '2020Q2r1';

SELECT rule, code, field, line, file, raw_text
FROM findings
WHERE release = known_release(getvariable('release'))
ORDER BY rule, code, field, line;
