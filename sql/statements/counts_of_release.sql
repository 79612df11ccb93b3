-- How many codes a release changed, and what was found wrong with it.
SELECT coalesce((SELECT changes FROM change_counts WHERE release = $1), 0),
       (SELECT count(*) FROM findings WHERE release = $1);
