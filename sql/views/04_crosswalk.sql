-- What replaced a code that ended, over all steps: one row a step and way. A
-- target that has itself ended is followed; one that is in force, or not in
-- CMS's files (CPT codes, the word CPT), ends the way. A way that comes back to
-- a code on it ends there, as a cycle.
CREATE VIEW crosswalk AS
WITH RECURSIVE
present AS MATERIALIZED (
    SELECT code, present_stretches.status, cross_references, termination_date
    FROM code_history
    JOIN present_stretches USING (code, valid_from)
    WHERE known_to IS NULL
),
ended AS MATERIALIZED (
    SELECT code, cross_references
    FROM present
    WHERE termination_date IS NOT NULL AND cross_references IS NOT NULL
),
walk AS (
    SELECT code, 1 AS step, code AS via, unnest(cross_references) AS target,
           [code] AS path
    FROM ended
    UNION ALL
    SELECT walk.code, walk.step + 1, walk.target, unnest(ended.cross_references),
           list_append(walk.path, walk.target)
    FROM walk
    JOIN ended ON ended.code = walk.target
    WHERE NOT list_contains(walk.path, walk.target)
)
SELECT walk.code, walk.step, walk.via, walk.target,
       CASE
           WHEN list_contains(walk.path, walk.target) THEN 'cycle'
           WHEN present.code IS NOT NULL THEN present.status
           WHEN regexp_full_match(walk.target, '[0-9]{4}[0-9A-Z]') THEN 'cpt'
           WHEN walk.target = 'CPT' THEN 'literal'
           ELSE 'unknown'
       END AS target_status,
       present.code IS NULL OR present.termination_date IS NULL OR present.cross_references IS NULL
           OR list_contains(walk.path, walk.target) AS is_end,
       list_append(walk.path, walk.target) AS path
FROM walk
LEFT JOIN present ON present.code = walk.target;
