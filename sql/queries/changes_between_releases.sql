-- What is the net difference between two releases, whatever happened between?
-- Each is a release, a quarter, or a day on which we knew.
SET VARIABLE earlier = '2020Q1';
SET VARIABLE later = '2020Q4';

SELECT code, kind, change, life, field, old_value, new_value
FROM changes_between(getvariable('earlier'), getvariable('later'));
