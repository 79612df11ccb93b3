-- The first lines of a checked Parquet file whose dates are none, by their place
-- in it from 1: a template, into which comes the quoted name of the result.
SELECT file_row_number + 1 AS line, hcpcs_reason
FROM read_parquet({{.}}, file_row_number = true)
WHERE hcpcs_verdict = 'malformed'
ORDER BY line
LIMIT ?;
