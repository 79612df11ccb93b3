-- Claim lines with what is to be said of them: a template, into which come the
-- quoted names of the file's columns and of the files. The lines stream through
-- one after the other, in their order: nothing is sorted, joined or put aside.
-- check_line gives the columns of the answer with the unit separator between
-- them.
COPY (
SELECT {{range .Columns}}{{.}}, {{end}}
       {{range $place, $name := .ResultColumns}}{{if $place}},
       {{end}}CAST(nullif(hcpcs__said[{{$place}} + 1], '') AS {{index $.ResultTypes $name}}) AS {{$name}}{{end}}
FROM (
    SELECT *, string_split(check_line({{range $place, $column := .Arguments}}{{if $place}}, {{end}}{{if $column}}CAST({{$column}} AS VARCHAR){{else}}CAST(NULL AS VARCHAR){{end}}{{end}}), chr(31)) AS hcpcs__said
    FROM {{.Source}}
)
) TO {{.Target}} (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false);
