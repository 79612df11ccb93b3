package pipeline

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// The example holds every setting, each with its default and a comment, and no
// other.
func TestExampleHoldsEverySetting(t *testing.T) {
	const example = "../hcpcs.example.yaml"
	config, err := ReadConfig(example, nil)
	require.NoError(t, err)
	require.Equal(t, DefaultConfig(), config)
	require.NoError(t, config.Check())

	text, err := os.ReadFile(example)
	require.NoError(t, err)
	var document yaml.Node
	require.NoError(t, yaml.Unmarshal(text, &document))
	requireEverySetting(t, document.Content[0], reflect.TypeFor[Config]())
}

func requireEverySetting(t *testing.T, node *yaml.Node, settings reflect.Type) {
	t.Helper()
	present := map[string]*yaml.Node{}
	for i := 0; i < len(node.Content); i += 2 {
		key := node.Content[i]
		require.NotEmpty(t, key.HeadComment, "%s has no comment", key.Value)
		present[key.Value] = node.Content[i+1]
	}
	wanted := 0
	for i := range settings.NumField() {
		field := settings.Field(i)
		name := field.Tag.Get("yaml")
		if name == "-" {
			continue // from the environment alone
		}
		wanted++
		value, found := present[name]
		require.True(t, found, "%s is not in the example", name)
		if field.Type.Kind() == reflect.Struct {
			requireEverySetting(t, value, field.Type)
		}
	}
	require.Len(t, present, wanted)
}

func TestStrengthOfSettings(t *testing.T) {
	file := filepath.Join(t.TempDir(), "hcpcs.yaml")
	require.NoError(t, os.WriteFile(file, []byte("data_dir: /from/the/file\nmemory_limit: 1GB\nhold:\n  codes_gone: 0.5\n"), 0o644))
	config, err := ReadConfig(file, []string{"HCPCS_DATA_DIR=/from/the/environment", "HCPCS_HOLD_CODES_CHANGED=0.75", "HCPCS_QUIET=true", "OTHER=1"})
	require.NoError(t, err)
	want := DefaultConfig()
	want.DataDir, want.MemoryLimit, want.Quiet = "/from/the/environment", "1GB", true
	want.Hold.CodesGone, want.Hold.CodesChanged = 0.5, 0.75
	require.Equal(t, want, config)
}

// Each mistake is named with its line, its key, its value and what would be
// right; one does not hide the next.
func TestSettingsThatCannotBe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "hcpcs.yaml")
	for text, want := range map[string]string{
		"data_dri: x\n":                             "line 1: data_dri is no setting: did you mean data_dir?",
		"hold:\n  codes_gnoe: 1\n":                  "line 2: hold.codes_gnoe is no setting: did you mean codes_gone?",
		"codes_gone: 1\n":                           "line 1: codes_gone is no setting: there is hold.codes_gone, which stands elsewhere; see hcpcs.example.yaml",
		"watch:\n  mine: J\n":                       "line 2: watch.mine is no setting: below watch there are codes, file",
		"quiet: maybe\n":                            `line 1: quiet is "maybe": write true or false`,
		"quiet: yes\n":                              `line 1: quiet is "yes": write true or false`,
		"hold:\n  codes_gone: a quarter\n":          `line 2: hold.codes_gone is "a quarter": write a number, such as 0.25`,
		"overdue_days_ahead: 7.5\n":                 `line 1: overdue_days_ahead is "7.5": write a whole number, such as 7`,
		"data_dir: [a, b]\n":                        "line 1: data_dir is a list or has keys below it: write one value",
		"hold: 0.5\n":                               "line 1: hold has no keys in it: write them as in hcpcs.example.yaml, such as codes_gone: …",
		"- data_dir\n":                              "line 1: the file has no keys in it: write them as in hcpcs.example.yaml, such as data_dir: …",
		"source: a\nsource: b\n":                    "line 2: source is set a second time: remove one of the two",
		"data_dir: &here x\nsource: *here\n":        "line 2: source is an alias (*): write the value itself",
		"data_dir: x\n\tquiet: true\n":              "yaml: line 2: ",
		"---\nquiet: true\n---\nquiet: false\n":     "line 3: a second document begins after a line ---: put all settings into one",
		"quiet: true\n---\n\tx: [\n":                "yaml: line 3: ",
		"quiet: 1\ncolour: red\n":                   "colour is no setting",
		"mail:\n  password: s3cret\n":               "line 2: mail.password cannot stand in this file: name a file that holds it by mail.password_file, or set HCPCS_MAIL_PASSWORD",
		"mail:\n  groups: billing\n":                "line 2: mail.groups is no list",
		"mail:\n  groups:\n    - nam: billing\n":    "line 3: mail.groups[1].nam is no setting: did you mean name?",
		"heartbeat:\n  url: [https://s3cret.org]\n": "line 2: heartbeat.url is a list or has keys below it: write one value",
	} {
		require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
		_, err := ReadConfig(file, nil)
		require.ErrorContains(t, err, "reading the configuration "+file+": ", text)
		require.ErrorContains(t, err, want, text)
		require.NotContains(t, err.Error(), "s3cret")
	}
	_, err := ReadConfig(filepath.Join(t.TempDir(), "absent.yaml"), nil)
	require.ErrorIs(t, err, os.ErrNotExist)
	for variable, want := range map[string]string{
		"HCPCS_DATADIR=x":             "HCPCS_DATADIR names no setting",
		"HCPCS_QUIET=perhaps":         `HCPCS_QUIET is "perhaps": write true or false`,
		"HCPCS_HOLD_CODES_GONE=a lot": `HCPCS_HOLD_CODES_GONE is "a lot": write a number`,
	} {
		_, err := ReadConfig("", []string{variable})
		require.ErrorContains(t, err, want)
	}
	for want, change := range map[string]func(*Config){
		"data_dir is empty":            func(c *Config) { c.DataDir = "" },
		"with a ? in its name":         func(c *Config) { c.DataDir = "a?b" },
		"source is empty":              func(c *Config) { c.Source = "" },
		`source is "ftp://cms.gov/"`:   func(c *Config) { c.Source = "ftp://cms.gov/" },
		`format is "yaml": choose`:     func(c *Config) { c.Format = "yaml" },
		`export.format is "table": c`:  func(c *Config) { c.Export.Format = "table" },
		`log_format is "xml": choose`:  func(c *Config) { c.LogFormat = "xml" },
		`memory_limit is "much"`:       func(c *Config) { c.MemoryLimit = "much" },
		`memory_limit is "5MIG"`:       func(c *Config) { c.MemoryLimit = "5MIG" },
		"quiet and verbose":            func(c *Config) { c.Quiet, c.Verbose = true, true },
		"hold.codes_gone is 25":        func(c *Config) { c.Hold.CodesGone = 25 },
		`site.budget is "a while"`:     func(c *Config) { c.Site.Budget = "a while" },
		`site.pause is "-1s"`:          func(c *Config) { c.Site.Pause = "-1s" },
		`site.page is "the usual one"`: func(c *Config) { c.Site.Page = "the usual one" },
		`site.hosts has "a.org/files"`: func(c *Config) { c.Site.Hosts = "b.org, a.org/files" },
		"watch.codes: the watch list":  func(c *Config) { c.Watch.Codes = "J0570, everything" },
		`schedule.cron and schedule.zone: "daily" is no cron expression`: func(c *Config) { c.Schedule.Cron = "daily" },
		`"Mars" is no time zone`:             func(c *Config) { c.Schedule.Zone = "Mars" },
		`schedule.retry_after is "0s"`:       func(c *Config) { c.Schedule.RetryAfter = "0s" },
		`schedule.stop_within is "30"`:       func(c *Config) { c.Schedule.StopWithin = "30" },
		"overdue_days_ahead is 365":          func(c *Config) { c.OverdueDaysAhead = 365 },
		`metrics_file is "hcpcs.txt"`:        func(c *Config) { c.MetricsFile = "hcpcs.txt" },
		`mail.security is "ssl": choose`:     func(c *Config) { c.Mail.Security = "ssl" },
		`mail.auth is "digest": choose`:      func(c *Config) { c.Mail.Auth = "digest" },
		"mail.port is 70000":                 func(c *Config) { c.Mail.Port = 70000 },
		`mail.server is "smtp://a.org"`:      func(c *Config) { c.Mail.Server = "smtp://a.org" },
		`mail.from: "hcpcs" is no mail`:      func(c *Config) { c.Mail.From = "hcpcs" },
		`mail.recipients: "a, b" is no list`: func(c *Config) { c.Mail.Recipients = "a, b" },
		"mail.operators: ":                   func(c *Config) { c.Mail.Operators = "ops@example.org\r\nBcc: b@example.org" },
		"mail.from is empty":                 func(c *Config) { c.Mail.Operators = "ops@example.org" },
		"mail.server is empty":               func(c *Config) { c.Mail.Recipients, c.Mail.From = "a@example.org", "b@example.org" },
		`mail.groups[1].name is "A B"`:       func(c *Config) { c.Mail.Groups = []RecipientGroup{{Name: "A B", Recipients: "a@example.org"}} },
		"mail.groups[1].recipients: it is empty": func(c *Config) {
			c.Mail.Groups = []RecipientGroup{{Name: "a"}}
		},
		"mail.groups[2].name is a, which is taken": func(c *Config) {
			c.Mail.Groups = []RecipientGroup{{Name: "a", Recipients: "a@example.org"}, {Name: "a", Recipients: "b@example.org"}}
		},
		"mail.groups[1].watch.codes: the watch list": func(c *Config) {
			c.Mail.Groups = []RecipientGroup{{Name: "a", Recipients: "a@example.org", Watch: WatchConfig{Codes: "everything"}}}
		},
		"heartbeat.url is no address": func(c *Config) { c.Heartbeat.URL = "s3cret" },
		"heartbeat.url and heartbeat.url_file are both set": func(c *Config) {
			c.Heartbeat = HeartbeatConfig{URL: "https://example.org/s3cret", URLFile: "file"}
		},
	} {
		config := DefaultConfig()
		require.NoError(t, config.Check())
		change(&config)
		require.ErrorContains(t, config.Check(), want)
		require.NotContains(t, config.Check().Error(), "s3cret")
	}
	config := DefaultConfig()
	config.Source, config.Format = "", "yaml"
	require.ErrorContains(t, config.Check(), "source is empty")
	require.ErrorContains(t, config.Check(), "format is")
}

// Every path may begin with ~/, and none becomes a folder named ~.
func TestHomeInPaths(t *testing.T) {
	file := filepath.Join(t.TempDir(), "hcpcs.yaml")
	require.NoError(t, os.WriteFile(file, []byte(`# one document, begun in so many words
---
data_dir: ~/data
source: ~
watch: {file: ~/watch.csv}
mail:
  certificate_file: ~/authority.pem
  password_file: /etc/~/password
  groups:
    - {name: a, recipients: a@example.org, watch: {file: ~/a.csv}}
metrics_file: ~/hcpcs.prom
heartbeat: {url_file: ~/token}
`), 0o644))
	config, err := ReadConfig(file, []string{"HCPCS_MAIL_TO_DIR=~"})
	require.NoError(t, err)
	require.NoError(t, config.ExpandHome("/home/ann"))
	want := DefaultConfig()
	want.DataDir, want.Watch.File, want.MetricsFile, want.Heartbeat.URLFile = "/home/ann/data", "/home/ann/watch.csv", "/home/ann/hcpcs.prom", "/home/ann/token"
	want.Mail.CertificateFile, want.Mail.PasswordFile, want.Mail.ToDir = "/home/ann/authority.pem", "/etc/~/password", "/home/ann"
	want.Mail.Groups = []RecipientGroup{{Name: "a", Recipients: "a@example.org", Watch: WatchConfig{File: "/home/ann/a.csv"}}}
	require.Equal(t, want, config)

	config.DataDir, config.Source, config.Mail.Groups[0].Watch.File = "~bob/data", "~/releases", "~/a.csv"
	err = config.ExpandHome("")
	require.ErrorContains(t, err, `data_dir is "~bob/data": only ~/ stands for a home folder: write the path in full, or ./~bob/data where it is meant as it stands`)
	require.ErrorContains(t, err, `source is "~/releases": no home folder is known here, since HOME is not set`)
	require.ErrorContains(t, err, `mail.groups[1].watch.file is "~/a.csv"`)
}

// Whatever is named as a file or a folder is marked as a path.
func TestPathsAreMarked(t *testing.T) {
	requirePathsMarked(t, reflect.TypeFor[Config](), "")
}

func requirePathsMarked(t *testing.T, settings reflect.Type, prefix string) {
	t.Helper()
	for i := range settings.NumField() {
		field := settings.Field(i)
		name := prefix + field.Tag.Get("yaml")
		switch {
		case field.Type.Kind() == reflect.Struct:
			requirePathsMarked(t, field.Type, name+".")
		case field.Type.Kind() == reflect.Slice:
			requirePathsMarked(t, field.Type.Elem(), name+".")
		case strings.HasSuffix(name, "file"), strings.HasSuffix(name, "dir"):
			require.Equal(t, "path", field.Tag.Get("names"), name)
		}
	}
}

// A secret stays one however it is printed.
func TestSecretsAreNotPrinted(t *testing.T) {
	config := DefaultConfig()
	config.Heartbeat.URL, config.Mail.Password = "https://example.org/s3cret", "s3cret"
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("settings", "config", config, "url", config.Heartbeat.URL)
	encoded, err := json.Marshal(config)
	require.NoError(t, err)
	for _, text := range []string{fmt.Sprint(config), fmt.Sprintf("%+v %#v %q", config, config, config.Heartbeat.URL), log.String(), string(encoded)} {
		require.Contains(t, text, "(secret)")
		require.NotContains(t, text, "s3cret")
	}
}
