-- The changes of release $1, NULL as an empty text.
SELECT code, kind, change, life, coalesce(action_code, ''), coalesce(array_to_string(observed_actions, ''), ''),
       coalesce(agreement, ''), coalesce(CAST(effective_date AS VARCHAR), ''), coalesce(timing, ''),
       coalesce(timing_days, 0), coalesce(description_similarity, -1),
       coalesce(array_to_string(replacements, chr(31)), '')
FROM code_changes
WHERE release = $1
ORDER BY code;
