package pipeline

import (
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/pipeline/mail/mailtest"
)

// mailingConfig reads the sample releases, or some of them by their file names,
// and mails to two groups by a server that wants TLS, user and password.
func mailingConfig(t *testing.T, server *mailtest.Server, files ...string) Config {
	t.Helper()
	config := configFor(t, t.TempDir())
	addSamples(t, config, files...)
	certificates, password := filepath.Join(t.TempDir(), "authority.pem"), filepath.Join(t.TempDir(), "password")
	writeFile(t, certificates, server.CertificatePEM)
	writeFile(t, password, []byte(mailtest.Password+"\n"))
	config.Mail = MailConfig{
		Server: "127.0.0.1", Port: server.Port, Security: "starttls", CertificateFile: certificates, User: mailtest.User, PasswordFile: password, Auth: "auto",
		From: "HCPCS <hcpcs@example.org>", Recipients: "Billing <billing@example.org>, audit@example.org",
		Groups: []RecipientGroup{{Name: "pharmacy", Recipients: "pharmacy@example.org", Watch: WatchConfig{Codes: "J"}}},
	}
	require.NoError(t, config.Check())
	return config
}

// The sample releases, by quarter.
const (
	july2020     = "july-2020-alpha-numeric-hcpcs-file.zip"
	october2020  = "2020Q4/october-2020-alpha-numeric-hcpcs-file.zip"
	revised2020  = "2020Q4/october-2020-alpha-numeric-hcpcs-file_v2.zip"
	january2021  = "january-2021-alpha-numeric-hcpcs-files.zip"
	recipientsOf = "recipients"
)

func addSamples(t *testing.T, config Config, files ...string) {
	t.Helper()
	for _, name := range files {
		data, err := os.ReadFile(filepath.Join(samples, name))
		require.NoError(t, err)
		writeFile(t, filepath.Join(config.Source, name), data)
	}
}

// arrived is a mail as its reader has it.
type arrived struct {
	netmail.Header
	To    []string // the addresses that got it
	Text  string
	HTML  string
	Files map[string]string
}

func (a *arrived) subject(t *testing.T) string {
	t.Helper()
	subject, err := new(mime.WordDecoder).DecodeHeader(a.Get("Subject"))
	require.NoError(t, err)
	return subject
}

func read(t *testing.T, received mailtest.Received) arrived {
	t.Helper()
	message, err := netmail.ReadMessage(strings.NewReader(received.Text))
	require.NoError(t, err)
	a := arrived{Header: message.Header, To: received.To, Files: map[string]string{}}
	a.readParts(t, message.Header.Get("Content-Type"), message.Body)
	return a
}

// readPlain reads a mail without parts.
func readPlain(t *testing.T, received mailtest.Received) *arrived {
	t.Helper()
	message, err := netmail.ReadMessage(strings.NewReader(received.Text))
	require.NoError(t, err)
	text, err := io.ReadAll(quotedprintable.NewReader(message.Body))
	require.NoError(t, err)
	return &arrived{Header: message.Header, To: received.To, Text: string(text)}
}

func (a *arrived) readParts(t *testing.T, contentType string, body io.Reader) {
	t.Helper()
	kind, parameters, err := mime.ParseMediaType(contentType)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(kind, "multipart/"), kind)
	parts := multipart.NewReader(body, parameters["boundary"])
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return
		}
		require.NoError(t, err)
		kind := part.Header.Get("Content-Type")
		if strings.HasPrefix(kind, "multipart/") {
			a.readParts(t, kind, part)
			continue
		}
		content, err := io.ReadAll(part)
		require.NoError(t, err)
		switch {
		case part.FileName() != "":
			decoded, err := base64.StdEncoding.DecodeString(string(content))
			require.NoError(t, err)
			a.Files[part.FileName()] = string(decoded)
		case strings.HasPrefix(kind, "text/plain"):
			a.Text = string(content)
		default:
			a.HTML = string(content)
		}
	}
}

// taken gives the mails that a server has taken, sorted by their first address.
func taken(t *testing.T, server *mailtest.Server) []arrived {
	t.Helper()
	var mails []arrived
	for _, one := range server.Taken() {
		mails = append(mails, read(t, one))
	}
	slices.SortStableFunc(mails, func(a, b arrived) int { return strings.Compare(a.To[0], b.To[0]) })
	return mails
}
