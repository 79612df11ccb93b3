package mail_test

import (
	"bytes"
	"flag"
	"io"
	"mime"
	"mime/multipart"
	netmail "net/mail"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/pipeline/mail"
)

var update = flag.Bool("update", false, "write the golden files anew")

// written gives a message as bytes, its random boundaries numbered.
func written(t *testing.T, m *mail.Message) string {
	t.Helper()
	var out bytes.Buffer
	_, err := m.WriteTo(&out)
	require.NoError(t, err)
	text := out.String()
	for i, found := range regexp.MustCompile(`boundary=(\w+)`).FindAllStringSubmatch(text, -1) {
		text = strings.ReplaceAll(text, found[1], "boundary-"+string(rune('1'+i)))
	}
	return text
}

func fullMessage() *mail.Message {
	m := message()
	m.Subject = "HCPCS 2025Q4: 76 added, 7 discontinued, 14 revised (3 on your list) – and a long tail that has to be folded somewhere"
	m.Text = []byte("Stop billing C9034 – it ended on 2025-09-30.\n.\nA line that begins with a dot = no end.\n")
	m.HTML = []byte("<!DOCTYPE html>\n<p style=\"color:#000\">Stop billing C9034 – it ended on 2025-09-30.</p>\n")
	m.Attachments = []mail.Attachment{
		{Name: "2025Q4r1.html", ContentType: "text/html", Data: []byte("<!DOCTYPE html>")},
		{Name: "2025Q4r1.xlsx", ContentType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Data: []byte("PK")},
	}
	return m
}

func TestGoldenMessage(t *testing.T) {
	got := written(t, fullMessage())
	path := filepath.Join("testdata", "message.eml")
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
		return
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got, "if it is meant to be so: go test ./pipeline/mail -update")
}

// The same message gives the same bytes, its boundaries aside: what is sent
// again is the same mail.
func TestMessagesAreTheSame(t *testing.T) {
	require.Equal(t, written(t, fullMessage()), written(t, fullMessage()))
}

// A reader of mail finds every part as it went in.
func TestPartsOfAMessage(t *testing.T) {
	sent := fullMessage()
	var out bytes.Buffer
	_, err := sent.WriteTo(&out)
	require.NoError(t, err)
	for line := range strings.Lines(out.String()) {
		require.LessOrEqual(t, len(line), 998+2, "lines are bounded (RFC 5322, 2.1.1)")
	}
	read, err := netmail.ReadMessage(&out)
	require.NoError(t, err)
	subject, err := new(mime.WordDecoder).DecodeHeader(read.Header.Get("Subject"))
	require.NoError(t, err)
	require.Equal(t, sent.Subject, subject)
	require.Equal(t, "<"+sent.ID+">", read.Header.Get("Message-ID"))
	require.Equal(t, "auto-generated", read.Header.Get("Auto-Submitted"))
	date, err := read.Header.Date()
	require.NoError(t, err)
	require.True(t, date.Equal(sent.Date))

	kind, parts := partsOf(t, read.Header.Get("Content-Type"), read.Body)
	require.Equal(t, "multipart/mixed", kind)
	require.Len(t, parts, 3)
	kind, bodies := partsOf(t, parts[0].kind, strings.NewReader(parts[0].content))
	require.Equal(t, "multipart/alternative", kind)
	require.Equal(t, []string{"text/plain; charset=UTF-8", "text/html; charset=UTF-8"}, []string{bodies[0].kind, bodies[1].kind}, "the best one last")
	require.Equal(t, string(sent.Text), unixLines(bodies[0].content))
	require.Equal(t, string(sent.HTML), unixLines(bodies[1].content))
	for i, file := range sent.Attachments {
		require.Equal(t, file.Name, parts[i+1].file)
		require.Contains(t, parts[i+1].kind, file.ContentType)
	}
}

func unixLines(text string) string { return strings.ReplaceAll(text, "\r\n", "\n") }

type part struct{ kind, file, content string }

func partsOf(t *testing.T, contentType string, body io.Reader) (kind string, parts []part) {
	t.Helper()
	kind, parameters, err := mime.ParseMediaType(contentType)
	require.NoError(t, err)
	reader := multipart.NewReader(body, parameters["boundary"])
	for {
		one, err := reader.NextPart()
		if err == io.EOF {
			return kind, parts
		}
		require.NoError(t, err)
		content, err := io.ReadAll(one)
		require.NoError(t, err)
		parts = append(parts, part{one.Header.Get("Content-Type"), one.FileName(), string(content)})
	}
}

// Whatever stands in a field, it neither ends a header nor begins another.
func TestHostileHeaders(t *testing.T) {
	const attack = "x\r\nBcc: victim@example.org\r\n\r\n<script>alert(1)</script>\x00\u202e"
	m := message()
	m.Subject, m.Program, m.ID = attack, attack, attack
	m.Attachments = []mail.Attachment{{Name: attack + "/../../etc/passwd\".html", ContentType: "text/html", Data: []byte("x")}}
	var out bytes.Buffer
	_, err := m.WriteTo(&out)
	require.NoError(t, err)
	read, err := netmail.ReadMessage(&out)
	require.NoError(t, err)
	for name := range read.Header {
		require.Contains(t, []string{"Auto-Submitted", "Content-Type", "Date", "From", "Message-Id", "Mime-Version", "Subject", "To", "X-Auto-Response-Suppress", "X-Mailer"}, name)
	}
	kind, parts := partsOf(t, read.Header.Get("Content-Type"), read.Body)
	require.Equal(t, "multipart/mixed", kind)
	require.Len(t, parts, 2)
	require.NotContains(t, parts[1].file, "/")

	for _, address := range []string{attack, "a@example.org\r\nBcc: victim@example.org", "a@example.org>,<victim@example.org", ""} {
		m := message()
		m.To = []string{address}
		_, err := m.WriteTo(io.Discard)
		require.Error(t, err, "%q", address)
		m = message()
		m.From = address
		_, err = m.WriteTo(io.Discard)
		require.Error(t, err, "%q", address)
	}
}

func TestMessageToNobody(t *testing.T) {
	m := message()
	m.To = nil
	require.Contains(t, written(t, m), "\r\nTo: undisclosed-recipients:;\r\n")
}

func TestAddress(t *testing.T) {
	bare, err := mail.Address("HCPCS <hcpcs@example.org>")
	require.NoError(t, err)
	require.Equal(t, "hcpcs@example.org", bare)
	for _, text := range []string{"", "hcpcs", "a@b, c@d", "a@example.org\r\nBcc: b@example.org"} {
		_, err := mail.Address(text)
		require.ErrorContains(t, err, "no mail address", "%q", text)
	}
}
