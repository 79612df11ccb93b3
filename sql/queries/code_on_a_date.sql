-- Was a code valid on a date of service, and what was its record then?
SET VARIABLE code = 'K4';
SET VARIABLE date = '2020-02-15';

SELECT claim_status(code, getvariable('date')) AS claim_status,
       code, life, listed, attested, valid_from, valid_to, known_from,
       short_description, long_description, coverage_code, pricing_indicators
FROM (SELECT upper(trim(getvariable('code'))) AS code)
LEFT JOIN codes_as_of(getvariable('date'), all_status := true) USING (code);
