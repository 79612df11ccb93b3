// Package load keeps what transform made of the releases, and gives it back.
//
// Warehouse is the private DuckDB file that only the pipeline opens. It keeps the
// facts: a release goes into it whole or not at all, several of them in one
// transaction (Together). Publish copies what analysts see into a file of its own,
// with what follows from the facts, and renames it over the last one. Published reads that file: it answers the questions behind the
// commands. Nothing here decides when, or in what order; times come in as
// arguments.
package load
