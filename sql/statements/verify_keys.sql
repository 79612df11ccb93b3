-- What keys and references would check: how many rows were looked at, and how
-- many do not hold.
SELECT 'releases: the same release twice' AS what, (SELECT count(*) FROM releases) AS checked,
       (SELECT count(*) FROM (SELECT release FROM releases GROUP BY release HAVING count(*) > 1)) AS failed
UNION ALL
SELECT 'record_lines: the same code, release_order twice' AS what, (SELECT count(*) FROM record_lines) AS checked,
       (SELECT count(*) FROM (SELECT code, release_order FROM record_lines GROUP BY code, release_order HAVING count(*) > 1)) AS failed
UNION ALL
SELECT 'code_changes: the same release, code twice' AS what, (SELECT count(*) FROM code_changes) AS checked,
       (SELECT count(*) FROM (SELECT release, code FROM code_changes GROUP BY release, code HAVING count(*) > 1)) AS failed
UNION ALL
SELECT 'field_changes: the same release, code, field twice' AS what, (SELECT count(*) FROM field_changes) AS checked,
       (SELECT count(*) FROM (SELECT release, code, field FROM field_changes GROUP BY release, code, field HAVING count(*) > 1)) AS failed
UNION ALL
SELECT 'code_history: the same code, known_from, valid_from, valid_to twice' AS what, (SELECT count(*) FROM code_history) AS checked,
       (SELECT count(*) FROM (SELECT code, known_from, valid_from, valid_to FROM code_history GROUP BY code, known_from, valid_from, valid_to HAVING count(*) > 1)) AS failed
UNION ALL
SELECT 'record_spans: the same code, first_release twice' AS what, (SELECT count(*) FROM record_spans) AS checked,
       (SELECT count(*) FROM (SELECT code, first_release FROM record_spans GROUP BY code, first_release HAVING count(*) > 1)) AS failed
UNION ALL
SELECT 'codes: the same code twice' AS what, (SELECT count(*) FROM codes) AS checked,
       (SELECT count(*) FROM (SELECT code FROM codes GROUP BY code HAVING count(*) > 1)) AS failed
UNION ALL
SELECT 'code_changes: a release that is not in releases' AS what, (SELECT count(release) FROM code_changes) AS checked,
       (SELECT count(*) FROM code_changes WHERE release IS NOT NULL AND release NOT IN (SELECT release FROM releases)) AS failed
UNION ALL
SELECT 'code_changes: a previous_release that is not in releases' AS what, (SELECT count(previous_release) FROM code_changes) AS checked,
       (SELECT count(*) FROM code_changes WHERE previous_release IS NOT NULL AND previous_release NOT IN (SELECT release FROM releases)) AS failed
UNION ALL
SELECT 'field_changes: a release that is not in releases' AS what, (SELECT count(release) FROM field_changes) AS checked,
       (SELECT count(*) FROM field_changes WHERE release IS NOT NULL AND release NOT IN (SELECT release FROM releases)) AS failed
UNION ALL
SELECT 'findings: a release that is not in releases' AS what, (SELECT count(release) FROM findings) AS checked,
       (SELECT count(*) FROM findings WHERE release IS NOT NULL AND release NOT IN (SELECT release FROM releases)) AS failed
UNION ALL
SELECT 'code_history: a known_from that is not in releases' AS what, (SELECT count(known_from) FROM code_history) AS checked,
       (SELECT count(*) FROM code_history WHERE known_from IS NOT NULL AND known_from NOT IN (SELECT release FROM releases)) AS failed
UNION ALL
SELECT 'code_history: a known_to that is not in releases' AS what, (SELECT count(known_to) FROM code_history) AS checked,
       (SELECT count(*) FROM code_history WHERE known_to IS NOT NULL AND known_to NOT IN (SELECT release FROM releases)) AS failed
UNION ALL
SELECT 'record_spans: a first_release that is not in releases' AS what, (SELECT count(first_release) FROM record_spans) AS checked,
       (SELECT count(*) FROM record_spans WHERE first_release IS NOT NULL AND first_release NOT IN (SELECT release FROM releases)) AS failed
UNION ALL
SELECT 'record_spans: a last_release that is not in releases' AS what, (SELECT count(last_release) FROM record_spans) AS checked,
       (SELECT count(*) FROM record_spans WHERE last_release IS NOT NULL AND last_release NOT IN (SELECT release FROM releases)) AS failed
UNION ALL
SELECT 'code_changes: a code without a record' AS what, (SELECT count(*) FROM code_changes) AS checked,
       (SELECT count(*) FROM code_changes WHERE code NOT IN (SELECT code FROM record_spans)) AS failed
UNION ALL
SELECT 'field_changes: a code without a record' AS what, (SELECT count(*) FROM field_changes) AS checked,
       (SELECT count(*) FROM field_changes WHERE code NOT IN (SELECT code FROM record_spans)) AS failed
UNION ALL
SELECT 'code_history: a code without a record' AS what, (SELECT count(*) FROM code_history) AS checked,
       (SELECT count(*) FROM code_history WHERE code NOT IN (SELECT code FROM record_spans)) AS failed
UNION ALL
SELECT 'record_lines: a code without a record' AS what, (SELECT count(*) FROM record_lines) AS checked,
       (SELECT count(*) FROM record_lines WHERE code NOT IN (SELECT code FROM record_spans)) AS failed
UNION ALL
SELECT 'releases: records is not their number' AS what, (SELECT count(*) FROM releases WHERE state = 'loaded') AS checked,
       (SELECT count(*) FROM releases
        WHERE state = 'loaded'
          AND records IS DISTINCT FROM (SELECT count(*) FROM release_records WHERE release_records.release = releases.release)) AS failed
UNION ALL
SELECT 'field_changes: no row in code_changes' AS what, (SELECT count(*) FROM field_changes) AS checked,
       (SELECT count(*) FROM field_changes ANTI JOIN code_changes USING (release, code)) AS failed;
