-- Claim lines with what is to be said of them: a template, into which come the
-- quoted names of the file's columns and the places of modifiers. Joins
-- mix the lines, so their order is restored in the end.
COPY (
WITH claim_lines AS (
    SELECT *, row_number() OVER () AS hcpcs__row, {{.Text .Code}} AS hcpcs__code, {{.Text .Date}} AS hcpcs__date_text, {{.Text .Paid}} AS hcpcs__paid_text,
           {{if .Together}}regexp_extract_all(upper(CAST({{.Together}} AS VARCHAR)), '[0-9A-Z]+'){{else}}CAST(NULL AS VARCHAR[]){{end}} AS hcpcs__modifiers
    FROM {{.Source}}
),
claim_dates AS (
    SELECT * REPLACE (upper(hcpcs__code) AS hcpcs__code),
           check_day(hcpcs__date_text) AS hcpcs__date, check_day(hcpcs__paid_text) AS hcpcs__paid,
           {{range $place, $column := .Modifiers}}{{if $.Together}}hcpcs__modifiers[{{$place}}]{{else}}upper({{$.Text $column}}){{end}} AS hcpcs__modifier_{{$place}},
           {{end}}coalesce(len(hcpcs__modifiers) > {{len .Modifiers}}, false) AS hcpcs__unchecked
    FROM claim_lines
),
looked_up AS (
    SELECT claim_dates.*, day_of_service.day IS NULL OR (hcpcs__paid_text IS NOT NULL AND day_of_payment.day IS NULL) AS hcpcs__malformed,
           day_of_service.covered_by AS hcpcs__covered_by, day_of_service.before_records AS hcpcs__before_records,
           day_of_payment.known_place AS hcpcs__place, day_of_payment.known_release AS hcpcs__known_release
    FROM claim_dates
    LEFT JOIN check_days AS day_of_service ON day_of_service.day = hcpcs__date
    LEFT JOIN check_days AS day_of_payment ON day_of_payment.day = hcpcs__paid
),
judged AS (
    SELECT looked_up.*, code_now.short_description AS hcpcs__description, code_now.attested AS hcpcs__attested,
           code_now.since AS hcpcs__since, code_now.replaced_by AS hcpcs__replaced_by, code_now.reason AS hcpcs__code_reason,
           coalesce(code_now.claim_status, check_unknown(hcpcs__code, hcpcs__covered_by, hcpcs__before_records, 99999999)) AS hcpcs__now,
           {{if .Paid}}CASE WHEN hcpcs__paid IS NOT NULL THEN coalesce(code_then.claim_status, check_unknown(hcpcs__code, hcpcs__covered_by, hcpcs__before_records, hcpcs__place)) END{{else}}NULL{{end}} AS hcpcs__then
           {{range $place, $column := .Modifiers}}
           , coalesce(now_{{$place}}.claim_status, check_unknown(hcpcs__modifier_{{$place}}, hcpcs__covered_by, hcpcs__before_records, 99999999)) AS hcpcs__now_{{$place}}
           , now_{{$place}}.reason AS hcpcs__reason_{{$place}}
           , {{if $.Paid}}CASE WHEN hcpcs__paid IS NOT NULL THEN coalesce(then_{{$place}}.claim_status, check_unknown(hcpcs__modifier_{{$place}}, hcpcs__covered_by, hcpcs__before_records, hcpcs__place)) END{{else}}NULL{{end}} AS hcpcs__then_{{$place}}
           {{end}}
    FROM looked_up
    LEFT JOIN check_now AS code_now ON code_now.code = hcpcs__code AND hcpcs__date >= code_now.valid_from AND hcpcs__date < code_now.valid_to
    {{if .Paid}}LEFT JOIN check_then AS code_then ON code_then.code = hcpcs__code AND hcpcs__date >= code_then.valid_from AND hcpcs__date < code_then.valid_to
        AND hcpcs__place >= code_then.known_from_order AND hcpcs__place < code_then.known_to_order{{end}}
    {{range $place, $column := .Modifiers}}
    LEFT JOIN check_now AS now_{{$place}} ON now_{{$place}}.code = hcpcs__modifier_{{$place}} AND hcpcs__date >= now_{{$place}}.valid_from AND hcpcs__date < now_{{$place}}.valid_to
    {{if $.Paid}}LEFT JOIN check_then AS then_{{$place}} ON then_{{$place}}.code = hcpcs__modifier_{{$place}} AND hcpcs__date >= then_{{$place}}.valid_from AND hcpcs__date < then_{{$place}}.valid_to
        AND hcpcs__place >= then_{{$place}}.known_from_order AND hcpcs__place < then_{{$place}}.known_to_order{{end}}
    {{end}}
)
SELECT {{range .Columns}}{{.}}, {{end}}
       CASE WHEN hcpcs__malformed THEN 'malformed' ELSE check_verdict(hcpcs__now,
               coalesce(check_bad(hcpcs__now), false){{range $place, $column := .Modifiers}} OR coalesce(check_bad(hcpcs__now_{{$place}}), false){{end}},
               hcpcs__unchecked OR coalesce(check_doubtful(hcpcs__now), false){{range $place, $column := .Modifiers}} OR coalesce(check_doubtful(hcpcs__now_{{$place}}), false){{end}}) END AS hcpcs_verdict,
       CASE WHEN NOT hcpcs__malformed THEN hcpcs__now END AS hcpcs_code_status,
       CASE WHEN hcpcs__malformed AND hcpcs__date_text IS NULL THEN 'there is no date of service'
            WHEN hcpcs__malformed AND (hcpcs__date IS NULL OR hcpcs__date NOT BETWEEN DATE '1950-01-01' AND DATE '2149-12-31') THEN 'the date of service is no date'
            WHEN hcpcs__malformed THEN 'the day of payment is no date'
            ELSE nullif(concat_ws('; ', CAST(NULL AS VARCHAR),
                CASE WHEN hcpcs__code IS NULL THEN 'there is no code' END,
                CASE WHEN hcpcs__now <> 'valid' THEN coalesce(hcpcs__code_reason, check_reason(hcpcs__code, hcpcs__now)) END
                {{range $place, $column := .Modifiers}}, CASE WHEN hcpcs__now_{{$place}} NOT IN ('valid', 'other_code_set') THEN 'modifier ' || coalesce(hcpcs__reason_{{$place}}, check_reason(hcpcs__modifier_{{$place}}, hcpcs__now_{{$place}})) END{{end}},
                CASE WHEN hcpcs__unchecked THEN 'more than {{len .Modifiers}} modifiers: the others were not checked' END), '')
       END AS hcpcs_reason,
       CASE WHEN NOT hcpcs__malformed THEN hcpcs__since END AS hcpcs_since,
       CASE WHEN NOT hcpcs__malformed THEN hcpcs__replaced_by END AS hcpcs_replaced_by,
       CASE WHEN NOT hcpcs__malformed THEN hcpcs__attested END AS hcpcs_attested,
       CASE WHEN NOT hcpcs__malformed THEN hcpcs__description END AS hcpcs_description,
       CASE WHEN NOT hcpcs__malformed THEN nullif(concat_ws(';', CAST(NULL AS VARCHAR){{range $place, $column := .Modifiers}}, hcpcs__modifier_{{$place}} || ' ' || hcpcs__now_{{$place}}{{end}}), '') END AS hcpcs_modifiers,
       CASE WHEN NOT hcpcs__malformed AND hcpcs__paid IS NOT NULL THEN check_verdict(hcpcs__then,
               coalesce(check_bad(hcpcs__then), false){{range $place, $column := .Modifiers}} OR coalesce(check_bad(hcpcs__then_{{$place}}), false){{end}},
               hcpcs__unchecked OR coalesce(check_doubtful(hcpcs__then), false){{range $place, $column := .Modifiers}} OR coalesce(check_doubtful(hcpcs__then_{{$place}}), false){{end}}) END AS hcpcs_verdict_when_paid,
       CASE WHEN NOT hcpcs__malformed THEN hcpcs__then END AS hcpcs_code_status_when_paid,
       CASE WHEN NOT hcpcs__malformed AND hcpcs__paid IS NOT NULL THEN nullif(concat_ws(';', CAST(NULL AS VARCHAR){{range $place, $column := .Modifiers}}, hcpcs__modifier_{{$place}} || ' ' || hcpcs__then_{{$place}}{{end}}), '') END AS hcpcs_modifiers_when_paid,
       CASE WHEN NOT hcpcs__malformed THEN hcpcs__known_release END AS hcpcs_release_when_paid
FROM judged
ORDER BY hcpcs__row
) TO {{.Target}} ({{.TargetFormat}}, USE_TMP_FILE false);
