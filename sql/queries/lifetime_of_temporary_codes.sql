-- How long do temporary codes (C and Q) live, and what becomes of them?
SET VARIABLE families = 'C, Q';

WITH lives AS (
    SELECT code, life, left(code, 1) AS family, min(code_added_date) AS added_date, max(termination_date) AS termination_date,
           max(cross_references) AS cross_references
    FROM code_history
    WHERE known_to IS NULL AND kind = 'procedure'
      AND left(code, 1) IN (SELECT upper(trim(unnest(string_split(getvariable('families'), ',')))))
    GROUP BY code, life
)
SELECT family, year(added_date) AS added_in, count(*) AS codes,
       count(termination_date) AS ended,
       round(median(date_diff('day', added_date, termination_date) / 365.25), 1) AS median_years_of_ended,
       count(*) FILTER (termination_date IS NOT NULL AND cross_references IS NOT NULL) AS ended_with_replacement
FROM lives
GROUP BY family, added_in
ORDER BY family, added_in;
