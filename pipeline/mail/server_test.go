package mail_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/pipeline/mail"
)

const (
	user     = "hcpcs"
	password = "correct horse battery"
)

// received is a mail that the test server has taken.
type received struct {
	User, From string
	To         []string
	Text       string
}

// testServer is an SMTP server on the loopback, and how it behaves.
type testServer struct {
	mutex sync.Mutex
	mails []received
	// refuse gives the answer to a sender, a recipient or the end of a mail; nil
	// takes it.
	refuse func(what, value string) error
	// drop closes the connection in the middle of a mail.
	drop bool

	address *net.TCPAddr
	roots   *x509.CertPool
}

// serve starts a server; it takes some 10 ms, most of it for the certificate.
func serve(t *testing.T, security mail.Security, needsUser bool) *testServer {
	t.Helper()
	s := &testServer{refuse: func(string, string) error { return nil }}
	certificate, roots := newCertificate(t)
	s.roots = roots
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		one := &session{server: s, conn: c}
		if needsUser {
			return &authSession{one}, nil
		}
		return one, nil
	}))
	server.Domain, server.AllowInsecureAuth = "localhost", true
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s.address = listener.Addr().(*net.TCPAddr)
	config := &tls.Config{Certificates: []tls.Certificate{certificate}}
	switch security {
	case mail.StartTLS:
		server.TLSConfig = config
	case mail.TLS:
		listener = tls.NewListener(listener, config)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // it ends with the test
	}()
	t.Cleanup(func() {
		require.NoError(t, server.Close())
		<-done
	})
	return s
}

// client gives what Connect needs to reach the server.
func (s *testServer) client(security mail.Security) mail.Server {
	return mail.Server{Host: "127.0.0.1", Port: s.address.Port, Security: security, Roots: s.roots, Auth: "auto", Timeout: 10 * time.Second}
}

func (s *testServer) taken() []received {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.mails
}

// session is one connection to the test server.
type session struct {
	server *testServer
	conn   *smtp.Conn
	mail   received
}

func (s *session) Reset()        { s.mail = received{User: s.mail.User} }
func (s *session) Logout() error { return nil }

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.mail.From = from
	return s.server.refuse("sender", from)
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if err := s.server.refuse("recipient", to); err != nil {
		return err
	}
	s.mail.To = append(s.mail.To, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	if s.server.drop {
		if _, err := io.ReadFull(r, make([]byte, 100)); err != nil {
			return err
		}
		return errors.Join(s.conn.Conn().Close(), io.ErrClosedPipe)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := s.server.refuse("mail", string(text)); err != nil {
		return err
	}
	s.mail.Text = string(text)
	s.server.mutex.Lock()
	defer s.server.mutex.Unlock()
	s.server.mails = append(s.server.mails, s.mail)
	return nil
}

// authSession takes mail only from a user with a password.
type authSession struct{ *session }

func (s *authSession) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *authSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, name, secret string) error {
		if name != user || secret != password {
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "no such user with the password " + secret}
		}
		s.mail.User = name
		return nil
	}), nil
}

func (s *authSession) Mail(from string, options *smtp.MailOptions) error {
	if s.mail.User == "" {
		return smtp.ErrAuthRequired
	}
	return s.session.Mail(from, options)
}

// newCertificate makes a certificate for the loopback, and the pool with the
// authority behind it, which is itself.
func newCertificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "a test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	parsed, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}
