// Package mail builds messages and hands them to a mail server.
//
// In come the parts of a message, the server and the addresses; out go the
// message as bytes (RFC 5322, MIME), and for each address whether the server
// has taken it, may take it later, or does not take it. What a message says,
// when it is sent and what is remembered of it is not decided here.
package mail
