-- The first lines of a checked file whose dates are none, by their place in it.
SELECT row_in_result, problem
FROM (SELECT row_number() OVER () AS row_in_result, hcpcs_verdict AS verdict, hcpcs_reason AS problem FROM claim_result)
WHERE verdict = 'malformed'
LIMIT ?;
