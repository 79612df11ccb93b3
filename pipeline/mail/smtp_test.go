package mail_test

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/pipeline/mail"
	"github.com/hcpcstrack/hcpcstrack/pipeline/mail/mailtest"
)

// client gives what Connect needs to reach a server.
func client(s *mailtest.Server, security mail.Security) mail.Server {
	return mail.Server{Host: "127.0.0.1", Port: s.Port, Security: security, Roots: s.Roots, Auth: "auto", Timeout: 10 * time.Second}
}

func message() *mail.Message {
	return &mail.Message{
		ID: "2025Q4r1.0123@example.org", From: "HCPCS <hcpcs@example.org>", To: []string{"a@example.org", "b@example.org"},
		Subject: "HCPCS 2025Q4: 76 added", Date: time.Date(2025, 9, 11, 6, 0, 0, 0, time.UTC), Program: "hcpcs/1.0.0", Text: []byte("76 added.\n"),
	}
}

func connect(t *testing.T, server mail.Server) *mail.Session {
	t.Helper()
	session, err := mail.Connect(t.Context(), server)
	require.NoError(t, err)
	return session
}

// requireKind asserts of what kind an error is, and that it is one line without
// the password.
func requireKind(t *testing.T, kind mail.Kind, err error) {
	t.Helper()
	var failure *mail.Error
	require.ErrorAs(t, err, &failure)
	require.Equal(t, kind.String(), failure.Kind.String(), "%v", err)
	require.NotContains(t, err.Error(), mailtest.Password)
	require.NotContains(t, err.Error(), base64.StdEncoding.EncodeToString([]byte(mailtest.Password)))
	require.False(t, strings.ContainsFunc(err.Error(), func(r rune) bool { return r < ' ' }), "%q", err)
}

// Every way of encryption, with and without a user: the mail arrives, for all
// its recipients, and several go over one connection.
func TestSending(t *testing.T) {
	for _, security := range []mail.Security{mail.StartTLS, mail.TLS, mail.None} {
		for _, needsUser := range []bool{false, true} {
			if needsUser && security == mail.None {
				continue // see TestNoPasswordInTheOpen
			}
			server := mailtest.Serve(t, string(security), needsUser)
			to := client(server, security)
			if needsUser {
				to.User, to.Password = mailtest.User, mailtest.Password
			}
			session := connect(t, to)
			for range 2 {
				outcome := session.Send(t.Context(), message(), []string{"a@example.org", "b@example.org"})
				require.Empty(t, outcome.Failures)
				require.Equal(t, []string{"a@example.org", "b@example.org"}, outcome.Delivered)
			}
			session.Close()
			mails := server.Taken()
			require.Len(t, mails, 2)
			require.Equal(t, to.User, mails[0].User)
			require.Equal(t, "hcpcs@example.org", mails[0].From)
			require.Equal(t, []string{"a@example.org", "b@example.org"}, mails[0].To)
			require.Contains(t, mails[0].Text, "Message-ID: <2025Q4r1.0123@example.org>\r\n")
			require.Equal(t, mails[0].Text, mails[1].Text)
		}
	}
}

// A certificate that nobody vouches for, or that is another host's, is refused
// before anything is said.
func TestCertificatesAreVerified(t *testing.T) {
	for _, security := range []mail.Security{mail.StartTLS, mail.TLS} {
		server := mailtest.Serve(t, string(security), true)
		to := client(server, security)
		to.User, to.Password, to.Roots = mailtest.User, mailtest.Password, x509.NewCertPool()
		_, err := mail.Connect(t.Context(), to)
		requireKind(t, mail.Misconfigured, err)
		require.ErrorContains(t, err, "certificate")

		to = client(server, security)
		to.Host = "localhost" // for which the certificate does not speak
		_, err = mail.Connect(t.Context(), to)
		requireKind(t, mail.Misconfigured, err)
		require.Empty(t, server.Taken())
	}
}

// Where encryption is asked for and not to be had, nothing is sent in the open.
func TestNothingGoesInTheOpen(t *testing.T) {
	server := mailtest.Serve(t, "none", false)
	for _, security := range []mail.Security{mail.StartTLS, mail.TLS} {
		_, err := mail.Connect(t.Context(), client(server, security))
		requireKind(t, mail.Misconfigured, err)
	}
}

func TestNoPasswordInTheOpen(t *testing.T) {
	server := mailtest.Serve(t, "none", true)
	to := client(server, mail.None)
	to.User, to.Password = mailtest.User, mailtest.Password
	for _, method := range []string{"auto", "plain"} {
		to.Auth = method
		to.Host = "127.0.0.1"
		_, err := mail.Connect(t.Context(), to)
		if method == "plain" {
			// On the loopback nobody listens, and PLAIN is said when asked for.
			require.NoError(t, err)
			continue
		}
		requireKind(t, mail.Misconfigured, err)
	}
}

func TestWrongPassword(t *testing.T) {
	server := mailtest.Serve(t, "starttls", true)
	to := client(server, mail.StartTLS)
	to.User, to.Password = mailtest.User, mailtest.Password+" staple"
	_, err := mail.Connect(t.Context(), to)
	requireKind(t, mail.Misconfigured, err)
	require.ErrorContains(t, err, "535")
	require.ErrorContains(t, err, "no such user with the password (secret)")
	to.Auth = "cram-md5" // which the server does not have
	_, err = mail.Connect(t.Context(), to)
	requireKind(t, mail.Misconfigured, err)
}

func TestNoServer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	port := listener.Addr().(*net.TCPAddr).Port
	require.NoError(t, listener.Close())
	_, err = mail.Connect(t.Context(), mail.Server{Host: "127.0.0.1", Port: port, Security: mail.None})
	requireKind(t, mail.Temporary, err)
	require.ErrorContains(t, err, "connecting to the mail server 127.0.0.1:")
}

// A server that takes the connection and says nothing, or asks to come back.
func TestServerThatIsNotReady(t *testing.T) {
	for greeting, kind := range map[string]mail.Kind{"": mail.Temporary, "421 too busy\r\n": mail.Temporary, "554 not you\r\n": mail.Misconfigured} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		held := make(chan net.Conn, 1)
		go func() {
			conn, err := listener.Accept()
			if err == nil {
				_, _ = conn.Write([]byte(greeting)) // the client sees what is missing
				held <- conn
			}
		}()
		_, err = mail.Connect(t.Context(), mail.Server{Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port, Security: mail.None, Timeout: 200 * time.Millisecond})
		requireKind(t, kind, err)
		require.NoError(t, (<-held).Close())
		require.NoError(t, listener.Close())
	}
}

// What a server says of one recipient keeps the mail from none of the others.
func TestRefusedRecipients(t *testing.T) {
	server := mailtest.Serve(t, "starttls", false)
	server.Refuse = func(what, value string) error {
		switch value {
		case "gone@example.org":
			return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox\r\n550 \x1b[31mred\x1b[0m"}
		case "later@example.org":
			return &smtp.SMTPError{Code: 450, EnhancedCode: smtp.EnhancedCode{4, 2, 0}, Message: "greylisted"}
		}
		return nil
	}
	session := connect(t, client(server, mail.StartTLS))
	defer session.Close()
	outcome := session.Send(t.Context(), message(), []string{"gone@example.org", "a@example.org", "later@example.org", "b@example.org"})
	require.Equal(t, []string{"a@example.org", "b@example.org"}, outcome.Delivered)
	require.Len(t, outcome.Failures, 2)
	require.Equal(t, []string{"gone@example.org"}, outcome.Failures[0].Recipients)
	requireKind(t, mail.Refused, outcome.Failures[0].Err)
	require.ErrorContains(t, outcome.Failures[0].Err, "sending to gone@example.org by 127.0.0.1")
	require.Equal(t, []string{"later@example.org"}, outcome.Failures[1].Recipients)
	requireKind(t, mail.Temporary, outcome.Failures[1].Err)
	require.Len(t, server.Taken(), 1)
	require.Equal(t, []string{"a@example.org", "b@example.org"}, server.Taken()[0].To)

	// The connection goes on to be of use, also when everyone was refused.
	outcome = session.Send(t.Context(), message(), []string{"gone@example.org"})
	require.Empty(t, outcome.Delivered)
	require.Len(t, outcome.Failures, 1)
	outcome = session.Send(t.Context(), message(), []string{"a@example.org"})
	require.Equal(t, []string{"a@example.org"}, outcome.Delivered)
}

// What a server says of the sender or of the mail concerns all recipients.
func TestRefusedMail(t *testing.T) {
	for code, kind := range map[int]mail.Kind{451: mail.Temporary, 554: mail.Refused} {
		for _, at := range []string{"sender", "mail"} {
			server := mailtest.Serve(t, "starttls", false)
			server.Refuse = func(what, _ string) error {
				if what == at {
					return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 0, 0}, Message: "no"}
				}
				return nil
			}
			session := connect(t, client(server, mail.StartTLS))
			outcome := session.Send(t.Context(), message(), []string{"a@example.org", "b@example.org"})
			require.Empty(t, outcome.Delivered)
			require.Len(t, outcome.Failures, 1)
			require.Equal(t, []string{"a@example.org", "b@example.org"}, outcome.Failures[0].Recipients)
			requireKind(t, kind, outcome.Failures[0].Err)
			require.Empty(t, server.Taken())
			session.Close()
		}
	}
}

// A connection that breaks in the middle of a mail: it is to be sent again.
func TestDropInTheMiddleOfAMail(t *testing.T) {
	server := mailtest.Serve(t, "starttls", false)
	server.Drop = true
	session := connect(t, client(server, mail.StartTLS))
	large := message()
	large.Attachments = []mail.Attachment{{Name: "large.bin", ContentType: "application/octet-stream", Data: make([]byte, 4<<20)}}
	outcome := session.Send(t.Context(), large, []string{"a@example.org"})
	require.Empty(t, outcome.Delivered)
	require.Len(t, outcome.Failures, 1)
	requireKind(t, mail.Temporary, outcome.Failures[0].Err)
	// The next mail over it says so too.
	outcome = session.Send(t.Context(), message(), []string{"a@example.org"})
	requireKind(t, mail.Temporary, outcome.Failures[0].Err)
	require.Empty(t, server.Taken())
}

// Sending ends with its context.
func TestSendingIsCancelled(t *testing.T) {
	server := mailtest.Serve(t, "none", false)
	ctx, cancel := context.WithCancel(t.Context())
	reached := make(chan struct{})
	server.Refuse = func(what, _ string) error {
		if what == "mail" {
			close(reached)
			<-ctx.Done() // the server takes its time
		}
		return nil
	}
	session, err := mail.Connect(ctx, client(server, mail.None))
	require.NoError(t, err)
	go func() { <-reached; cancel() }()
	outcome := session.Send(ctx, message(), []string{"a@example.org"})
	require.Empty(t, outcome.Delivered)
	requireKind(t, mail.Temporary, outcome.Failures[0].Err)
}
