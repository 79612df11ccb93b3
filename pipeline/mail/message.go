package mail

import (
	"bytes"
	"fmt"
	"io"
	"net/mail"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Message is a mail: plain text, the same as HTML, and files.
type Message struct {
	// ID is the Message-ID without its angle brackets, such as name@example.org.
	ID string
	// From is the sender, such as HCPCS <hcpcs@example.org>.
	From string
	// To are the addresses to be shown as its recipients; none stand as
	// undisclosed ones.
	To      []string
	Subject string
	Date    time.Time
	// Program is the name of the program that made it, with its version.
	Program     string
	Text, HTML  []byte // UTF-8; no HTML: text only
	Attachments []Attachment
}

// Attachment is a file that goes with a message.
type Attachment struct {
	Name, ContentType string
	Data              []byte
}

// undisclosed is what stands for no recipients (RFC 5322, appendix A.1.3).
const undisclosed = "undisclosed-recipients:;"

// WriteTo writes the message as it goes over the wire and into .eml files. The
// boundaries between its parts are random; all else follows from its fields. An
// address that is none is an error.
func (m *Message) WriteTo(out io.Writer) (int64, error) {
	message := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := message.From(m.From); err != nil {
		return 0, fmt.Errorf("writing a mail: its sender %q: %w", m.From, err)
	}
	if len(m.To) == 0 {
		message.SetGenHeaderPreformatted("To", undisclosed)
	} else if err := message.To(m.To...); err != nil {
		return 0, fmt.Errorf("writing a mail: its recipients: %w", err)
	}
	message.Subject(m.Subject)
	message.SetMessageIDWithValue(m.ID)
	message.SetDateWithValue(m.Date)
	message.SetGenHeader("X-Mailer", m.Program)
	// Nobody reads answers of machines (RFC 3834; Exchange has a word of its own).
	message.SetGenHeader("Auto-Submitted", "auto-generated")
	message.SetGenHeader("X-Auto-Response-Suppress", "All")
	message.SetBodyString(gomail.TypeTextPlain, string(m.Text))
	if m.HTML != nil {
		message.AddAlternativeString(gomail.TypeTextHTML, string(m.HTML))
	}
	for _, file := range m.Attachments {
		message.AttachReadSeeker(file.Name, bytes.NewReader(file.Data), gomail.WithFileContentType(gomail.ContentType(file.ContentType)))
	}
	written, err := message.WriteTo(out)
	if err != nil {
		return written, fmt.Errorf("writing the mail %q: %w", m.Subject, err)
	}
	return written, nil
}

// Address reads an address, with or without a name, and gives the bare one:
// hcpcs@example.org.
func Address(text string) (string, error) {
	address, err := mail.ParseAddress(text)
	if err != nil {
		return "", fmt.Errorf("%q is no mail address such as name@example.org: %w", text, err)
	}
	return address.Address, nil
}
