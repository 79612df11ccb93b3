package mail

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"net"
	"slices"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// Security says how the connection to a server is encrypted.
type Security string

const (
	// StartTLS begins in the open and must be encrypted before anything else is
	// said; usual on port 587.
	StartTLS Security = "starttls"
	// TLS is encrypted from the start; usual on port 465.
	TLS Security = "tls"
	// None is not encrypted, for a relay on the same machine; usual on port 25. A
	// password goes over it only in ways that do not give it away.
	None Security = "none"
)

// Securities are the ways of encryption.
var Securities = []string{string(StartTLS), string(TLS), string(None)}

// Port is the usual port of a way of encryption.
func (s Security) Port() int {
	return map[Security]int{StartTLS: 587, TLS: 465, None: 25}[s]
}

// AuthMethods are the ways to log in, as go-mail has them; auto takes the safest
// one that the server offers.
var AuthMethods = []string{"auto", "plain", "login", "cram-md5", "scram-sha-1", "scram-sha-256", "scram-sha-1-plus", "scram-sha-256-plus", "ntlm", "xoauth2"}

var authTypes = map[string]gomail.SMTPAuthType{
	"auto": gomail.SMTPAuthAutoDiscover, "plain": gomail.SMTPAuthPlain, "login": gomail.SMTPAuthLogin, "cram-md5": gomail.SMTPAuthCramMD5,
	"scram-sha-1": gomail.SMTPAuthSCRAMSHA1, "scram-sha-256": gomail.SMTPAuthSCRAMSHA256, "scram-sha-1-plus": gomail.SMTPAuthSCRAMSHA1PLUS,
	"scram-sha-256-plus": gomail.SMTPAuthSCRAMSHA256PLUS, "ntlm": gomail.SMTPAuthNTLM, "xoauth2": gomail.SMTPAuthXOAUTH2,
}

// Server is a mail server, and how to talk to it.
type Server struct {
	Host     string
	Port     int // 0: the usual one of Security
	Security Security
	// User and Password log in; User "" does not. Auth is one of AuthMethods.
	User, Password, Auth string
	// Roots are the authorities whose certificates count; nil: the system's.
	Roots *x509.CertPool
	// Timeout bounds each step of the conversation. Zero: DefaultTimeout.
	Timeout time.Duration
}

// DefaultTimeout bounds each step of a conversation. Servers that look closely
// at a mail answer its end after a while.
const DefaultTimeout = 60 * time.Second

// Session is an open connection to a server, over which any number of mails go.
type Session struct {
	server  Server
	address string
	client  *smtp.Client
	conn    net.Conn
}

// Connect opens a connection, encrypts it and logs in. The error is an *Error,
// Temporary or Misconfigured. When ctx ends the connection is closed.
func Connect(ctx context.Context, server Server) (*Session, error) {
	if server.Port == 0 {
		server.Port = server.Security.Port()
	}
	if server.Timeout == 0 {
		server.Timeout = DefaultTimeout
	}
	s := &Session{server: server, address: net.JoinHostPort(server.Host, strconv.Itoa(server.Port))}
	client, err := gomail.NewClient(server.Host, s.options()...)
	if err != nil {
		return nil, s.failed(Misconfigured, err, "preparing for the mail server %s", s.address)
	}
	if s.client, err = client.DialToSMTPClientWithContext(ctx); err != nil {
		s.Abort()
		if ctx.Err() != nil {
			return nil, s.failed(Temporary, ctx.Err(), "connecting to the mail server %s", s.address)
		}
		return nil, s.failed(connectKind(err), err, "connecting to the mail server %s", s.address)
	}
	return s, nil
}

func (s *Session) options() []gomail.Option {
	config := &tls.Config{ServerName: s.server.Host, RootCAs: s.server.Roots, MinVersion: tls.VersionTLS12}
	policy := map[Security]gomail.TLSPolicy{
		StartTLS: gomail.TLSMandatory,
		// The connection is encrypted already, and go-mail looks whether it is.
		TLS:  gomail.TLSOpportunistic,
		None: gomail.NoTLS,
	}[s.server.Security]
	options := []gomail.Option{
		gomail.WithPort(s.server.Port), gomail.WithTimeout(s.server.Timeout), gomail.WithTLSConfig(config), gomail.WithTLSPolicy(policy),
		gomail.WithDialContextFunc(func(ctx context.Context, network, address string) (net.Conn, error) {
			return s.dial(ctx, network, address, config)
		}),
	}
	if s.server.User == "" {
		return options
	}
	return append(options, gomail.WithSMTPAuth(authTypes[s.server.Auth]), gomail.WithUsername(s.server.User), gomail.WithPassword(s.server.Password))
}

// dial is go-mail's, but keeps hold of the connection: go-mail neither ends one
// with the context, nor closes one that fails before the first mail.
func (s *Session) dial(ctx context.Context, network, address string, config *tls.Config) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	s.conn = conn
	if s.server.Security != TLS {
		return conn, nil
	}
	encrypted := tls.Client(conn, config)
	return encrypted, encrypted.HandshakeContext(ctx)
}

// connectKind judges an error before the first mail.
func connectKind(err error) Kind {
	var certificate *tls.CertificateVerificationError
	var header tls.RecordHeaderError
	var alert tls.AlertError
	if errors.As(err, &certificate) || errors.As(err, &header) || errors.As(err, &alert) {
		return Misconfigured
	}
	return replyKind(err, Misconfigured)
}

// Outcome says what became of a mail, for each of its recipients.
type Outcome struct {
	Delivered []string // the server has taken it for them
	Failures  []Failure
}

// Failure is why a mail was not delivered to some of its recipients.
type Failure struct {
	Recipients []string
	Err        *Error
}

// Send hands a mail over for some recipients, bare addresses. That the server
// does not take it for one of them keeps it from none of the others.
func (s *Session) Send(ctx context.Context, message *Message, recipients []string) Outcome {
	stop := context.AfterFunc(ctx, func() { _ = s.conn.Close() }) // what was going on fails, and says so
	defer stop()
	outcome, err := s.send(message, recipients)
	if err == nil {
		return outcome
	}
	told := map[string]bool{}
	for _, failure := range outcome.Failures {
		told[failure.Recipients[0]] = true
	}
	rest := slices.DeleteFunc(slices.Clone(recipients), func(recipient string) bool { return told[recipient] })
	outcome.Failures = append(outcome.Failures, Failure{Recipients: rest, Err: err})
	// Where it fails, the connection is gone, and the next mail says so.
	_ = s.step(s.client.Reset)
	return outcome
}

// send gives the recipients that were refused one by one among the failures,
// and as the error what concerns all others.
func (s *Session) send(message *Message, recipients []string) (Outcome, *Error) {
	var outcome Outcome
	sender, err := Address(message.From)
	if err != nil {
		return outcome, s.failed(Refused, err, "sending a mail")
	}
	var text bytes.Buffer
	if _, err := message.WriteTo(&text); err != nil {
		return outcome, s.failed(Refused, err, "sending a mail")
	}
	if err := s.step(func() error { return s.client.Mail("<" + sender + ">") }); err != nil {
		return outcome, s.rejected(err, "sending as %s by %s", sender, s.address)
	}
	var accepted []string
	for _, recipient := range recipients {
		err := s.step(func() error { return s.client.Rcpt("<" + recipient + ">") })
		switch {
		case err == nil:
			accepted = append(accepted, recipient)
		case isConnection(err):
			return outcome, s.rejected(err, "sending to %s by %s", recipient, s.address)
		default:
			outcome.Failures = append(outcome.Failures, Failure{[]string{recipient}, s.rejected(err, "sending to %s by %s", recipient, s.address)})
		}
	}
	if accepted == nil {
		_ = s.step(s.client.Reset) // as above
		return outcome, nil
	}
	if err := s.data(text.Bytes()); err != nil {
		return outcome, err
	}
	outcome.Delivered = accepted
	return outcome, nil
}

// data hands over the text. Only the server's word after its end counts: a mail
// whose connection broke before it may have arrived or not.
func (s *Session) data(text []byte) *Error {
	// A large mail may take a while on a slow line.
	const patience = 10
	if err := s.client.UpdateDeadline(patience * s.server.Timeout); err != nil {
		return s.rejected(err, "handing the mail over to %s", s.address)
	}
	body, err := s.client.Data()
	if err == nil {
		_, err = body.Write(text)
		err = errors.Join(err, body.Close())
	}
	if err != nil {
		return s.rejected(err, "handing the mail over to %s", s.address)
	}
	return nil
}

func (s *Session) step(say func() error) error {
	if err := s.client.UpdateDeadline(s.server.Timeout); err != nil {
		return err
	}
	return say()
}

// rejected judges what a server says to a mail.
func (s *Session) rejected(err error, doing string, arguments ...any) *Error {
	return s.failed(replyKind(err, Refused), err, doing, arguments...)
}

func (s *Session) failed(kind Kind, err error, doing string, arguments ...any) *Error {
	encoded := base64.StdEncoding.EncodeToString([]byte(s.server.Password))
	plain := base64.StdEncoding.EncodeToString([]byte("\x00" + s.server.User + "\x00" + s.server.Password))
	if s.server.Password == "" {
		encoded, plain = "", ""
	}
	return newError(kind, err, []string{s.server.Password, encoded, plain}, doing, arguments...)
}

// Close says goodbye. What the server answers to that changes nothing.
func (s *Session) Close() {
	if s.step(s.client.Quit) != nil {
		s.Abort()
	}
}

// Abort drops the connection.
func (s *Session) Abort() {
	if s.conn != nil {
		_ = s.conn.Close()
	}
}
