// Package pipeline is the run and what surrounds it: the order in which
// releases are found, archived, read, checked, loaded and published; the
// configuration; the lock; holding back what does not look right; the outbox, by
// which reports reach their readers. It is the only package that asks for the
// time.
//
// What a release says is found out by transform, kept by load, and got by
// extract; what is printed is up to cmd/hcpcs.
package pipeline
