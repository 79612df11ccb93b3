-- How many codes a release changed, and what was found wrong with it.
SELECT (SELECT count(*) FROM code_changes WHERE release = $1),
       (SELECT count(*) FROM findings WHERE release = $1);
