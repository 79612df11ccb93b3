-- What a checked file says, counted.
WITH checked AS MATERIALIZED (
    SELECT hcpcs_verdict AS verdict, -- Reasons that hold whatever a column of wrong things holds are put
           -- together: there could be as many as lines.
           CASE WHEN hcpcs_verdict NOT IN ('invalid', 'uncertain') THEN NULL
                WHEN hcpcs_reason LIKE '%is in no release%' THEN 'a code or modifier is in no release'
                WHEN hcpcs_reason LIKE '%what the loaded releases can tell%' THEN 'the date is before what the loaded releases can tell'
                WHEN hcpcs_reason LIKE '%for that date is not loaded%' THEN 'the release for the date is not loaded'
                WHEN hcpcs_reason LIKE '%; %' THEN split_part(hcpcs_reason, '; ', 1) || '; and more'
                ELSE hcpcs_reason
           END AS reason,
           hcpcs_verdict = 'valid' AND NOT CAST(hcpcs_attested AS BOOLEAN) AS not_attested,
           hcpcs_verdict_when_paid <> hcpcs_verdict AS changed_since_paid,
           count(*) AS lines
    FROM claim_result
    GROUP BY ALL
)
SELECT 'verdict' AS what, verdict, '' AS reason, CAST(sum(lines) AS BIGINT) AS lines FROM checked GROUP BY verdict
UNION ALL
SELECT 'not_attested', '', '', CAST(coalesce(sum(lines) FILTER (not_attested), 0) AS BIGINT) FROM checked
UNION ALL
SELECT 'changed_since_paid', '', '', CAST(coalesce(sum(lines) FILTER (changed_since_paid), 0) AS BIGINT) FROM checked
UNION ALL
FROM (
    SELECT 'cause', verdict, reason, CAST(sum(lines) AS BIGINT) AS lines
    FROM checked
    WHERE verdict IN ('invalid', 'uncertain')
    GROUP BY verdict, reason
    ORDER BY lines DESC, reason
    LIMIT ?
);
