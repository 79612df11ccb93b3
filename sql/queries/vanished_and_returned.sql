-- Which codes did CMS leave out although they had not ended, and which came back?
SELECT gone.code, gone.kind, gone.release AS gone_in, gap AS after_missing_release, back.release AS back_in, back.change AS back_as,
       codes.status, codes.short_description
FROM code_changes AS gone
JOIN releases ON releases.release = gone.release
JOIN codes ON codes.code = gone.code
LEFT JOIN code_changes AS back ON back.code = gone.code AND back.change IN ('reappeared', 'reused')
    AND (SELECT release_order FROM releases WHERE releases.release = back.release) > releases.release_order
WHERE gone.change = 'vanished'
QUALIFY row_number() OVER (PARTITION BY gone.code, gone.release
    ORDER BY (SELECT release_order FROM releases WHERE releases.release = back.release)) = 1
ORDER BY releases.release_order, gone.code;
