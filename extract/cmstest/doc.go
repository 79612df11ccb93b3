// Package cmstest writes HCPCS releases in the exact form in which CMS
// publishes them, and keeps the list of what it changed from one to the next.
//
// In go a seed and rates, or records written by hand; out come the main file
// as fixed-width text and as a workbook, its companions, the ZIPs around them,
// and a list of changes that was written down when each change was made. That
// list is the oracle the program is tested against, so nothing here parses,
// compares or judges a release, and nothing is imported from the packages
// under test except the names of quarters and releases.
//
// Everything that is written is invented: no word of CMS's descriptions, notes
// or disclaimers is in it. There is no clock and no global randomness: the same
// options give the same bytes.
//
// Site stands in for CMS's site: it serves releases over HTTP on a loopback
// address, with the page that links them, and misbehaves when told to.
package cmstest
