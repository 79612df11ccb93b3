-- The records of some codes, in canonical text, with the releases that carry
-- them. $1: the codes, NULL for all.
SELECT code, first_release, coalesce(last_release, '') AS last_release,
       coalesce(action_code, '') AS action_code,
       coalesce(CAST(action_effective_date AS VARCHAR), '') AS action_effective_date,
       coalesce(long_description, '') AS long_description,
       coalesce(short_description, '') AS short_description,
       coalesce(array_to_string(pricing_indicators, chr(31)), '') AS pricing_indicators,
       coalesce(multiple_pricing_indicator, '') AS multiple_pricing_indicator,
       coalesce(array_to_string(coverage_issues_manual_refs, chr(31)), '') AS coverage_issues_manual_refs,
       coalesce(array_to_string(medicare_carriers_manual_refs, chr(31)), '') AS medicare_carriers_manual_refs,
       coalesce(statute, '') AS statute,
       coalesce(array_to_string(lab_certifications, chr(31)), '') AS lab_certifications,
       coalesce(array_to_string(cross_references, chr(31)), '') AS cross_references,
       coalesce(coverage_code, '') AS coverage_code,
       coalesce(asc_payment_group, '') AS asc_payment_group,
       coalesce(CAST(asc_payment_group_date AS VARCHAR), '') AS asc_payment_group_date,
       coalesce(mog_payment_group, '') AS mog_payment_group,
       coalesce(mog_payment_policy, '') AS mog_payment_policy,
       coalesce(CAST(mog_effective_date AS VARCHAR), '') AS mog_effective_date,
       coalesce(processing_note, '') AS processing_note,
       coalesce(betos, '') AS betos,
       coalesce(array_to_string(types_of_service, chr(31)), '') AS types_of_service,
       coalesce(CAST(anesthesia_base_units AS VARCHAR), '') AS anesthesia_base_units,
       coalesce(CAST(code_added_date AS VARCHAR), '') AS code_added_date,
       coalesce(CAST(termination_date AS VARCHAR), '') AS termination_date
FROM record_spans
WHERE $1 IS NULL OR code IN (SELECT unnest(CAST($1 AS VARCHAR[])))
ORDER BY code, first_release_order;
