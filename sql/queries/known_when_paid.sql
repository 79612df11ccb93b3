-- What did we know about a code and date of service on the day we paid the
-- claim, and what do we know now?
SET VARIABLE code = 'C7121';
SET VARIABLE date = '2020-02-03'; -- of service
SET VARIABLE paid_on = '2020-04-20';

SELECT 'when paid' AS asked, known_release(getvariable('paid_on')) AS latest_release_known,
       claim_status(getvariable('code'), getvariable('date'), known := getvariable('paid_on')) AS claim_status,
       valid_from, valid_to, known_from, known_to, short_description, code_added_date, termination_date
FROM (SELECT upper(trim(getvariable('code'))) AS code)
LEFT JOIN codes_as_of(getvariable('date'), known := getvariable('paid_on'), all_status := true) USING (code)
UNION ALL
SELECT 'now', known_release(NULL), claim_status(getvariable('code'), getvariable('date')),
       valid_from, valid_to, known_from, known_to, short_description, code_added_date, termination_date
FROM (SELECT upper(trim(getvariable('code'))) AS code)
LEFT JOIN codes_as_of(getvariable('date'), all_status := true) USING (code)
ORDER BY asked DESC;
