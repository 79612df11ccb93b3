DELETE FROM last_records WHERE code IN (SELECT unnest(CAST($1 AS VARCHAR[])));
