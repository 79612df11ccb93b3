-- The changes of the releases $1, NULL as an empty text.
SELECT release, code, kind, change, life, coalesce(action_code, ''), coalesce(array_to_string(observed_actions, ''), ''),
       coalesce(agreement, ''), coalesce(CAST(effective_date AS VARCHAR), ''), coalesce(timing, ''),
       coalesce(timing_days, 0), coalesce(description_similarity, -1),
       coalesce(array_to_string(replacements, chr(31)), '')
FROM code_changes
WHERE release IN (SELECT unnest(CAST($1 AS VARCHAR[])))
ORDER BY code;
