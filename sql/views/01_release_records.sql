-- Every code of every release, as published: one row a release and code. Ask for
-- a release or for codes; only then little is read. The whole of it is large.
CREATE VIEW release_records AS
SELECT releases.release, record_spans.code, kind, sequence_number,
       action_code, action_effective_date, source_line,
       long_description, short_description, pricing_indicators, multiple_pricing_indicator,
       coverage_issues_manual_refs, medicare_carriers_manual_refs, statute, lab_certifications,
       cross_references, coverage_code, asc_payment_group, asc_payment_group_date,
       mog_payment_group, mog_payment_policy, mog_effective_date, processing_note, betos,
       types_of_service, anesthesia_base_units, code_added_date, termination_date
FROM record_lines
JOIN releases ON releases.release_order = record_lines.release_order
JOIN record_spans ON record_spans.code = record_lines.code
    AND record_lines.release_order >= record_spans.first_release_order
    AND record_lines.release_order <= coalesce(record_spans.last_release_order, 99999999);
