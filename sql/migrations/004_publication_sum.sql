-- What is published is known by its bytes: a damaged file is published again.
ALTER TABLE publication ADD COLUMN sha256 VARCHAR; -- in hex; NULL: published before this column
