-- Which codes have had more than one meaning, when did each hold, and what did
-- the code mean then?
SELECT code, life, min(valid_from) AS first_day,
       max(valid_to) FILTER (status = 'active') - 1 AS last_day, -- 9999-12-30: no end known
       arg_max(long_description, valid_from) AS long_description
FROM code_history
WHERE known_to IS NULL
  AND code IN (SELECT code FROM code_history WHERE life > 1)
GROUP BY code, life
ORDER BY code, life;
