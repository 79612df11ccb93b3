package pipeline

import (
	"crypto/x509"
	"errors"
	"fmt"
	netmail "net/mail"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/hcpcstrack/hcpcstrack/pipeline/mail"
	"github.com/hcpcstrack/hcpcstrack/pipeline/report"
)

// MailConfig says how reports are mailed, and to whom. Without recipients and
// operators nothing is mailed.
type MailConfig struct {
	// Server is the name of the mail server (SMTP). Default: none
	Server string `yaml:"server"`
	// Port of the server; 0 is the usual one: 587 for starttls, 465 for tls, 25
	// for none. Default: 0
	Port int `yaml:"port"`
	// Security is how the connection is encrypted: starttls, tls or none. Default:
	// starttls
	Security string `yaml:"security"`
	// CertificateFile holds the certificates (PEM) of further authorities that
	// may vouch for the server. Default: none beside the system's
	CertificateFile string `yaml:"certificate_file" names:"path"`
	// User logs in at the server; empty does not. Default: none
	User string `yaml:"user"`
	// PasswordFile is a file with the user's password and nothing else. Default:
	// none
	PasswordFile string `yaml:"password_file" names:"path"`
	// Auth is how the user logs in: auto, or one of mail.AuthMethods. Default:
	// auto, the safest way that the server offers
	Auth string `yaml:"auth"`
	// From is the sender. Default: none
	From string `yaml:"from"`
	// Recipients get the report, with the codes of watch first; addresses with
	// commas between them. Default: none
	Recipients string `yaml:"recipients"`
	// Groups are further recipients, each with codes of their own. Only the file
	// can hold them. Default: none
	Groups []RecipientGroup `yaml:"groups"`
	// Operators get a mail when a run fails or holds a release back, once for
	// each cause. Default: none
	Operators string `yaml:"operators"`
	// ToDir is a folder that mails are written into as .eml files, instead of
	// being sent. Default: none
	ToDir string `yaml:"to_dir" names:"path"`
	// Password of the user comes from the environment alone
	// (HCPCS_MAIL_PASSWORD), and is stronger than PasswordFile. Default: none
	Password Secret `yaml:"-" environment:"PASSWORD"`
}

// RecipientGroup is recipients who get the report with codes of their own first.
type RecipientGroup struct {
	// Name tells the groups apart; small letters, digits, - and _.
	Name string `yaml:"name"`
	// Recipients are addresses with commas between them.
	Recipients string `yaml:"recipients"`
	// Watch names their codes. Default: those of the whole configuration
	Watch WatchConfig `yaml:"watch"`
}

// The groups that the configuration does not name.
const (
	// plainGroup is those of mail.recipients.
	plainGroup = "recipients"
	// nobody stands for the group of a report that is only written into a folder.
	nobody = "nobody"
)

var groupName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,39}$`)

// check says which settings of mail cannot be, and what would be right.
func (c *MailConfig) check() (problems []error) {
	refuse := func(wrong bool, format string, arguments ...any) {
		if wrong {
			problems = append(problems, fmt.Errorf(format, arguments...))
		}
	}
	refuse(!slices.Contains(mail.Securities, c.Security), "mail.security is %q: choose one of %s", c.Security, strings.Join(mail.Securities, ", "))
	refuse(!slices.Contains(mail.AuthMethods, c.Auth), "mail.auth is %q: choose one of %s", c.Auth, strings.Join(mail.AuthMethods, ", "))
	refuse(c.Port < 0 || c.Port > 65535, "mail.port is %d: write a number up to 65535, or 0 for the usual one", c.Port)
	refuse(strings.ContainsAny(c.Server, ":/ "), "mail.server is %q: write the name of the mail server alone, and its port as mail.port", c.Server)
	if c.From != "" {
		_, err := mail.Address(c.From)
		refuse(err != nil, "mail.from: %w", err)
	}
	_, err := addresses(c.Recipients)
	refuse(err != nil, "mail.recipients: %w", err)
	_, err = addresses(c.Operators)
	refuse(err != nil, "mail.operators: %w", err)
	addressed := c.Operators != "" || c.Recipients != "" || len(c.Groups) > 0
	refuse(addressed && c.From == "", "mail.from is empty: name the sender of mails, such as HCPCS <hcpcs@example.org>")
	refuse(addressed && c.Server == "" && c.ToDir == "", "mail.server is empty, and there are recipients: name the mail server, or a folder for mails by mail.to_dir")
	return append(problems, c.checkGroups()...)
}

func (c *MailConfig) checkGroups() (problems []error) {
	seen := map[string]bool{plainGroup: true, nobody: true}
	for i, group := range c.Groups {
		key := fmt.Sprintf("mail.groups[%d]", i+1)
		if !groupName.MatchString(group.Name) {
			problems = append(problems, fmt.Errorf("%s.name is %q: write small letters, digits, - and _, such as billing", key, group.Name))
		}
		if seen[group.Name] {
			problems = append(problems, fmt.Errorf("%s.name is %s, which is taken: choose another", key, group.Name))
		}
		seen[group.Name] = true
		to, err := addresses(group.Recipients)
		if err == nil && len(to) == 0 {
			err = errors.New("it is empty: write addresses with commas between them")
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("%s.recipients: %w", key, err))
		}
		if _, err := report.ParseWatchList(watchEntries(group.Watch.Codes)); err != nil {
			problems = append(problems, fmt.Errorf("%s.watch.codes: %w", key, err))
		}
	}
	return problems
}

// addresses reads a list of addresses, and gives each with its name.
func addresses(list string) ([]string, error) {
	if strings.TrimSpace(list) == "" {
		return nil, nil
	}
	parsed, err := netmail.ParseAddressList(list)
	if err != nil {
		return nil, fmt.Errorf("%q is no list of addresses such as a@example.org, Name <b@example.org>: %w", list, err)
	}
	texts := make([]string, len(parsed))
	for i, address := range parsed {
		texts[i] = address.String()
	}
	return texts, nil
}

// recipientGroups gives all to whom reports are mailed. Where there is none and
// mails go into a folder, there is one without recipients.
func (c *Config) recipientGroups() []RecipientGroup {
	var groups []RecipientGroup
	if c.Mail.Recipients != "" {
		groups = append(groups, RecipientGroup{Name: plainGroup, Recipients: c.Mail.Recipients, Watch: c.Watch})
	}
	for _, group := range c.Mail.Groups {
		if group.Watch == (WatchConfig{}) {
			group.Watch = c.Watch
		}
		groups = append(groups, group)
	}
	if groups == nil && c.Mail.ToDir != "" {
		groups = append(groups, RecipientGroup{Name: nobody, Watch: c.Watch})
	}
	return groups
}

// server gives what package mail needs to reach the server. The password is
// read now, so that a changed one counts at once.
func (c *MailConfig) server() (mail.Server, error) {
	server := mail.Server{Host: c.Server, Port: c.Port, Security: mail.Security(c.Security), User: c.User, Password: string(c.Password), Auth: c.Auth}
	if c.User != "" && c.Password == "" {
		if c.PasswordFile == "" {
			return server, fmt.Errorf("there is no password for mail.user %s: name a file that holds it by mail.password_file, or set HCPCS_MAIL_PASSWORD", c.User)
		}
		var err error
		if server.Password, err = readSecret("", "mail.password_file", c.PasswordFile); err != nil {
			return server, err
		}
	}
	if c.CertificateFile != "" {
		text, err := os.ReadFile(c.CertificateFile)
		if err != nil {
			return server, fmt.Errorf("reading the certificates for the mail server: %w", err)
		}
		if server.Roots, err = x509.SystemCertPool(); err != nil {
			server.Roots = x509.NewCertPool() // a system without any
		}
		if !server.Roots.AppendCertsFromPEM(text) {
			return server, fmt.Errorf("reading the certificates for the mail server: %s holds none in PEM form", c.CertificateFile)
		}
	}
	return server, nil
}
