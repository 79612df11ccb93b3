-- Which long descriptions changed in a release, and which words came and went?
-- A low similarity under the action code C can be a new meaning.
SET VARIABLE release = '2020Q2r1';

WITH changed AS (
    SELECT field_changes.code, action_code, description_similarity, typographic, old_value, new_value,
           regexp_extract_all(lower(old_value), '[\w.]*\w') AS old_words,
           regexp_extract_all(lower(new_value), '[\w.]*\w') AS new_words
    FROM field_changes
    JOIN code_changes USING (release, code)
    WHERE release = known_release(getvariable('release')) AND field = 'long_description'
),
words AS (
    SELECT code, word, count(*) FILTER (is_new) - count(*) FILTER (NOT is_new) AS more
    FROM (SELECT code, unnest(old_words) AS word, false AS is_new FROM changed
          UNION ALL
          SELECT code, unnest(new_words) AS word, true AS is_new FROM changed)
    GROUP BY code, word
)
SELECT changed.code, action_code, round(description_similarity, 2) AS similarity, typographic,
       string_agg(word, ' ' ORDER BY word) FILTER (more < 0) AS words_gone,
       string_agg(word, ' ' ORDER BY word) FILTER (more > 0) AS words_new,
       old_value, new_value
FROM changed
LEFT JOIN words ON words.code = changed.code AND more <> 0
GROUP BY ALL
ORDER BY similarity, changed.code;
