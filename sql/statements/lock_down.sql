-- Whoever asks may read the attached file, and nothing else of the machine.
SET enable_external_access = false;
SET lock_configuration = true;
