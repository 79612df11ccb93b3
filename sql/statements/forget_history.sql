-- Takes out what is still believed of some codes, to be written anew.
DELETE FROM code_history
WHERE known_to IS NULL AND code IN (SELECT unnest(CAST($1 AS VARCHAR[])));
