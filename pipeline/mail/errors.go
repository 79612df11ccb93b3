package mail

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"strings"
	"unicode"
)

// Kind says what becomes of a mail that was not delivered.
type Kind int

const (
	// Temporary: the server is not there, or asks to come back later (4xx).
	Temporary Kind = iota
	// Misconfigured: the server is there, but what is said to it before any mail
	// is wrong: its certificate, its encryption, user or password. It concerns
	// every mail, and somebody has to act.
	Misconfigured
	// Refused: the server does not take this mail, or not for this recipient
	// (5xx). Sending it again changes nothing.
	Refused
)

func (k Kind) String() string {
	return [...]string{"temporary", "misconfigured", "refused"}[k]
}

// Error says why a mail was not delivered.
type Error struct {
	Kind  Kind
	Doing string // what was being done, and to what
	Err   error
	text  string
}

// Error gives it on one line. What the server said is in it, free of control
// characters and of the password.
func (e *Error) Error() string { return e.Doing + ": " + e.text }

func (e *Error) Unwrap() error { return e.Err }

// maxServerText bounds what is repeated of a server's words, in bytes.
const maxServerText = 500

// newError makes an Error; secrets are taken out of the server's words.
func newError(kind Kind, err error, secrets []string, doing string, arguments ...any) *Error {
	text := err.Error()
	for _, secret := range secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "(secret)")
		}
	}
	text = strings.ToValidUTF8(text, "?")
	text = strings.Map(func(r rune) rune {
		if r == '\n' || r == '\r' || r == '\t' {
			return ' '
		}
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text)
	if len(text) > maxServerText {
		text = strings.ToValidUTF8(text[:maxServerText], "") + " …"
	}
	return &Error{Kind: kind, Doing: fmt.Sprintf(doing, arguments...), Err: err, text: text}
}

// replyKind judges an error by the server's answer. wrong is what 5xx means.
func replyKind(err error, wrong Kind) Kind {
	var reply *textproto.Error
	if errors.As(err, &reply) {
		if reply.Code >= 500 {
			return wrong
		}
		return Temporary
	}
	if isConnection(err) {
		return Temporary
	}
	return wrong
}

// isConnection tells whether an error is of the connection, not of what was
// said over it.
func isConnection(err error) bool {
	var network net.Error
	var operation *net.OpError
	return errors.As(err, &network) || errors.As(err, &operation) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}
