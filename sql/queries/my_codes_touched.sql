-- Which codes on my list (a charge master, prefixes) does a release touch?
SET VARIABLE codes = 'E70, J7031, G7, L7'; -- codes, or the beginnings of codes
SET VARIABLE release = '2020Q4r1';

SELECT code_changes.code, change, effective_date, timing, action_code,
       array_to_string(replacements, ';') AS replacements, field, old_value, new_value
FROM code_changes
LEFT JOIN field_changes USING (release, code)
WHERE release = known_release(getvariable('release'))
  AND EXISTS (
      SELECT 1 FROM (SELECT unnest(string_split(getvariable('codes'), ',')) AS prefix)
      WHERE starts_with(code_changes.code, upper(trim(prefix))) AND trim(prefix) <> '')
ORDER BY code_changes.code, field;
