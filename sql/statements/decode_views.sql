-- The decode tables: what the values of one field mean, a view each.
CREATE VIEW action_codes AS
    SELECT value, meaning, heading, valid_from, valid_to, note FROM code_values WHERE list = 'action_codes';
CREATE VIEW coverage_codes AS
    SELECT value, meaning, heading, valid_from, valid_to, note FROM code_values WHERE list = 'coverage_codes';
CREATE VIEW pricing_indicators AS
    SELECT value, meaning, heading, valid_from, valid_to, note FROM code_values WHERE list = 'pricing_indicators';
CREATE VIEW multiple_pricing_indicators AS
    SELECT value, meaning, heading, valid_from, valid_to, note FROM code_values WHERE list = 'multiple_pricing_indicators';
CREATE VIEW betos AS
    SELECT value, meaning, heading, valid_from, valid_to, note FROM code_values WHERE list = 'betos';
CREATE VIEW types_of_service AS
    SELECT value, meaning, heading, valid_from, valid_to, note FROM code_values WHERE list = 'types_of_service';
CREATE VIEW lab_certifications AS
    SELECT value, meaning, heading, valid_from, valid_to, note FROM code_values WHERE list = 'lab_certifications';
CREATE VIEW mog_payment_policies AS
    SELECT value, meaning, heading, valid_from, valid_to, note FROM code_values WHERE list = 'mog_payment_policies';
CREATE VIEW mog_payment_groups AS
    SELECT value, meaning, heading, valid_from, valid_to, note FROM code_values WHERE list = 'mog_payment_groups';
CREATE VIEW asc_payment_groups AS
    SELECT value, meaning, heading, valid_from, valid_to, note FROM code_values WHERE list = 'asc_payment_groups';
CREATE VIEW code_families AS
    SELECT value, meaning, heading, valid_from, valid_to, note FROM code_values WHERE list = 'code_families';
