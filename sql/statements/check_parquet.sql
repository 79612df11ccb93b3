-- Claim lines with what is to be said of them: a template, into which come the
-- quoted names of the file's columns and of the files. The lines stream through
-- one after the other, in their order: nothing is sorted, joined or put aside.
-- check_line gives the parts of the answer with the unit separator between them.
-- The first part is a number in whose bits are the places of words in lists, 0
-- for NULL: as values of an ENUM these are written as text, but never hashed.
COPY (
SELECT {{range .Columns}}{{.}}, {{end}}
       {{range $place, $column := .ResultColumns}}{{if $place}},
       {{end}}{{if .Words -}}
       (CAST([{{range $i, $word := .Words}}{{if $i}}, {{end}}{{$word}}{{end}}] AS ENUM({{range $i, $word := .Words}}{{if $i}}, {{end}}{{$word}}{{end}})[]))[(hcpcs__words >> {{.Shift}}) & {{.Mask}}]
       {{- else -}}
       CAST(nullif(hcpcs__said[{{.Part}}], '') AS {{.Type}})
       {{- end}} AS {{.Name}}{{end}}
FROM (
    SELECT *, CAST(hcpcs__said[1] AS BIGINT) AS hcpcs__words
    FROM (
        SELECT *, string_split(check_line({{range $place, $column := .Arguments}}{{if $place}}, {{end}}{{if $column}}CAST({{$column}} AS VARCHAR){{else}}CAST(NULL AS VARCHAR){{end}}{{end}}), chr(31)) AS hcpcs__said
        FROM {{.Source}}
    )
)
) TO {{.Target}} (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false);
