-- The last runs, the latest one first, with NULL as an empty text or 0.
SELECT run, started_at, ended_at, coalesce(outcome, ''), coalesce(source, ''),
       coalesce(releases_loaded, 0), coalesce(releases_held, 0), coalesce(changes, 0), coalesce(findings, 0),
       coalesce(error, '')
FROM runs
ORDER BY run DESC
LIMIT $1;
