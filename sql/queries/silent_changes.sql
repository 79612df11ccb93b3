-- How many codes changed under action code N (no maintenance), release by
-- release? Counted are codes whose record differs and that both releases list.
SELECT release, previous_release,
       count(*) FILTER (agreement = 'undeclared') AS silent,
       count(*) AS changed,
       round(100 * count(*) FILTER (agreement = 'undeclared') / count(*), 1) AS percent,
       list(code ORDER BY code) FILTER (agreement = 'undeclared') AS codes
FROM code_changes
JOIN releases USING (release, previous_release)
WHERE change IN ('changed', 'discontinued', 'reactivated', 'reused')
  AND NOT gap
  AND EXISTS (FROM field_changes WHERE field_changes.release = code_changes.release AND field_changes.code = code_changes.code)
GROUP BY release, previous_release, release_order
ORDER BY release_order;
