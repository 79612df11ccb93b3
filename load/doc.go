// Package load keeps what transform made of the releases, and gives it back.
//
// Warehouse is the private DuckDB file that only the pipeline opens: one
// transaction a release, facts and all that is derived from them together.
// Publish copies what analysts see into a file of its own and renames it over
// the last one. Published reads that file: it answers the questions behind the
// commands. Nothing here decides when, or in what order; times come in as
// arguments.
package load
