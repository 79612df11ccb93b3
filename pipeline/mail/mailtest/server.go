// Package mailtest is a mail server for tests: a real one, over real TCP and TLS,
// that takes mail, refuses it or breaks off as a test tells it to.
package mailtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"
)

// The user whom servers know, and the password.
const (
	User     = "hcpcs"
	Password = "correct horse battery"
)

// Received is a mail that the server has taken.
type Received struct {
	User, From string
	To         []string
	Text       string
}

// Server is an SMTP server on the loopback, and how it behaves.
type Server struct {
	mutex sync.Mutex
	mails []Received
	// Refuse gives the answer to a "sender", a "recipient" or the end of a "mail";
	// nil takes it.
	Refuse func(what, value string) error
	// Drop closes the connection in the middle of a mail.
	Drop bool
	// Port is where it listens on 127.0.0.1.
	Port int
	// Roots has the certificate that vouches for the server, and CertificatePEM is
	// the same as text.
	Roots          *x509.CertPool
	CertificatePEM []byte
}

// Serve starts a server that is encrypted as "starttls", "tls" or "none" say, and
// may need a user. It ends with the test. It takes some 10 ms, most of it for the
// certificate.
func Serve(t testing.TB, security string, needsUser bool) *Server {
	t.Helper()
	s := &Server{Refuse: func(string, string) error { return nil }}
	certificate := s.newCertificate(t)
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
	s.Port = listener.Addr().(*net.TCPAddr).Port
	config := &tls.Config{Certificates: []tls.Certificate{certificate}}
	switch security {
	case "starttls":
		server.TLSConfig = config
	case "tls":
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

// Taken gives the mails that the server has taken.
func (s *Server) Taken() []Received {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return slices.Clone(s.mails)
}

// session is one connection to the test server.
type session struct {
	server *Server
	conn   *smtp.Conn
	mail   Received
}

func (s *session) Reset()        { s.mail = Received{User: s.mail.User} }
func (s *session) Logout() error { return nil }

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.mail.From = from
	return s.server.Refuse("sender", from)
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if err := s.server.Refuse("recipient", to); err != nil {
		return err
	}
	s.mail.To = append(s.mail.To, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	if s.server.Drop {
		if _, err := io.ReadFull(r, make([]byte, 100)); err != nil {
			return err
		}
		return errors.Join(s.conn.Conn().Close(), io.ErrClosedPipe)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := s.server.Refuse("mail", string(text)); err != nil {
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
		if name != User || secret != Password {
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

// newCertificate makes a certificate for the loopback, which vouches for itself.
func (s *Server) newCertificate(t testing.TB) tls.Certificate {
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
	s.Roots = x509.NewCertPool()
	s.Roots.AddCert(parsed)
	s.CertificatePEM = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}
