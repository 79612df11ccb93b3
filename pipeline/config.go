package pipeline

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hcpcstrack/hcpcstrack/extract"
	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/pipeline/mail"
	"github.com/hcpcstrack/hcpcstrack/pipeline/report"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// Config is every setting. Each can be set in the configuration file by its
// key, by an environment variable (HCPCS_DATA_DIR for data_dir,
// HCPCS_HOLD_CODES_GONE for codes_gone below hold), and by a flag where there is
// one, in rising order of strength. What names a path may begin with ~/.
type Config struct {
	// DataDir is the folder that holds the archive, the warehouse, the published
	// file and the reports. Default: ./data
	DataDir string `yaml:"data_dir" names:"path"`
	// Source is where releases come from: cms, a folder, or the URL of a page.
	// Default: cms
	Source string `yaml:"source" names:"path"`
	// Format is how results are printed: table, csv, json or markdown. What
	// 'hcpcs export' writes is Export.Format. Default: table
	Format string `yaml:"format"`
	// Quiet leaves out everything but results and errors. Default: false
	Quiet bool `yaml:"quiet"`
	// Verbose logs what is done in detail. Default: false
	Verbose bool `yaml:"verbose"`
	// LogFormat is text or json. Default: text
	LogFormat string `yaml:"log_format"`
	// MemoryLimit is what DuckDB may take, such as 256MB or 1GB. Default: 256MB
	MemoryLimit string `yaml:"memory_limit"`
	// Export says what 'hcpcs export' writes.
	Export ExportConfig `yaml:"export"`
	// Site says how releases are got from a page.
	Site SiteConfig `yaml:"site"`
	// Watch names the codes that are the reader's own: reports show them first.
	Watch WatchConfig `yaml:"watch"`
	// Mail says how reports are mailed, and to whom.
	Mail MailConfig `yaml:"mail"`
	// Hold says when a release does not look right and is held back for review.
	Hold transform.ReviewLimits `yaml:"hold"`
	// Schedule says when 'hcpcs schedule' runs.
	Schedule ScheduleConfig `yaml:"schedule"`
	// OverdueDaysAhead is how many days before its quarter begins a release that
	// is not here counts as overdue. Default: 7
	OverdueDaysAhead int `yaml:"overdue_days_ahead"`
	// MetricsFile is where each run leaves its numbers for the textfile collector
	// of Prometheus' node exporter, which reads what ends with .prom. Default:
	// none
	MetricsFile string `yaml:"metrics_file" names:"path"`
	// Heartbeat is what is called after each complete run.
	Heartbeat HeartbeatConfig `yaml:"heartbeat"`
}

// ExportConfig says what 'hcpcs export' writes.
type ExportConfig struct {
	// Format of the files: one of ExportFormats. Default: parquet
	Format string `yaml:"format"`
}

// ScheduleConfig says when 'hcpcs schedule' runs.
type ScheduleConfig struct {
	// Cron is when runs begin: minute, hour, day of the month, month, day of the
	// week from 0 for Sunday, as in crontab. Default: 20 11 * * *
	Cron string `yaml:"cron"`
	// Zone is the time zone of Cron, such as America/New_York. Default: UTC
	Zone string `yaml:"zone"`
	// RetryAfter is the time after which a failed run is tried again; it doubles
	// with each further failure, up to the next regular run. Default: 5m
	RetryAfter string `yaml:"retry_after"`
	// StopWithin is the time that a run in progress has to come to the end of its
	// step when the program is asked to stop; then it is interrupted. Default:
	// 30s
	StopWithin string `yaml:"stop_within"`
}

// HeartbeatConfig is an address that is called after each run that did
// everything, so that whoever watches it misses the calls when they stop.
type HeartbeatConfig struct {
	// URL is the address. It often holds a token, so it is never printed.
	// Default: none
	URL Secret `yaml:"url"`
	// URLFile is a file that holds the address instead. Default: none
	URLFile string `yaml:"url_file" names:"path"`
}

// SiteConfig says how releases are got from a page.
type SiteConfig struct {
	// Page is the address of CMS's page, which source cms stands for. Default:
	// the quarterly-update page of www.cms.gov
	Page string `yaml:"page"`
	// Hosts are further hosts from which files are taken, and to which redirects
	// may lead, with commas between them. Default: CMS's own
	Hosts string `yaml:"hosts"`
	// Budget is the time that all downloads of a run may take together, waits
	// included, such as 30m or 1h. Default: 30m
	Budget string `yaml:"budget"`
	// Pause is the time between two downloads, such as 1s; 0s means none.
	// Default: 1s
	Pause string `yaml:"pause"`
}

// WatchConfig names the codes that are the reader's own.
type WatchConfig struct {
	// Codes are codes (J0570), prefixes (J) and ranges (E0100-E0199), with commas
	// between them. Default: none
	Codes string `yaml:"codes"`
	// File is a CSV file with such entries in its first column. Default: none
	File string `yaml:"file" names:"path"`
}

// DefaultConfig gives every setting its default.
func DefaultConfig() Config {
	return Config{
		DataDir:     "./data",
		Source:      SourceCMS,
		Format:      "table",
		LogFormat:   "text",
		MemoryLimit: load.DefaultMemoryLimit,
		Export:      ExportConfig{Format: load.ExportFormats[0]},
		Site:        SiteConfig{Page: extract.CMSPage, Budget: "30m", Pause: "1s"},
		Mail:        MailConfig{Security: string(mail.StartTLS), Auth: "auto"},
		Hold:        transform.DefaultReviewLimits,
		Schedule:    ScheduleConfig{Cron: "20 11 * * *", Zone: "UTC", RetryAfter: "5m", StopWithin: "30s"},

		OverdueDaysAhead: 7,
	}
}

// DefaultConfigFile is read when it is there and no other is named.
const DefaultConfigFile = "hcpcs.yaml"

// ReadConfig gives the settings of a configuration file, with those of the
// environment over them. path "" stands for DefaultConfigFile, which need not
// be there. An unknown key, a value of the wrong type or one that cannot be is
// an error that names it.
func ReadConfig(path string, environ []string) (Config, error) {
	config := DefaultConfig()
	required := path != ""
	if !required {
		path = DefaultConfigFile
	}
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !required:
	case err != nil:
		return config, fmt.Errorf("reading the configuration: %w", err)
	default:
		if err := readFile(&config, path, text); err != nil {
			return config, err
		}
	}
	if err := readEnvironment(&config, environ); err != nil {
		return config, err
	}
	return config, nil
}

// ExportMarkdown is the format of an export that is no table: a sheet for each
// code.
const ExportMarkdown = "markdown"

// The formats in which results, exports and logs are written.
var (
	Formats       = []string{"table", "csv", "json", "markdown"}
	ExportFormats = append(slices.Clone(load.ExportFormats), ExportMarkdown)
	LogFormats    = []string{"text", "json"}
)

// Check says which settings cannot be, and what would be right.
func (c *Config) Check() error {
	var problems []error
	refuse := func(wrong bool, format string, arguments ...any) {
		if wrong {
			problems = append(problems, fmt.Errorf(format, arguments...))
		}
	}
	oneOf := func(name, value string, allowed []string) {
		refuse(!slices.Contains(allowed, value), "%s is %q: choose one of %s", name, value, strings.Join(allowed, ", "))
	}
	isTime := func(name, value string, least time.Duration) {
		duration, err := time.ParseDuration(value)
		refuse(err != nil || duration < least, "%s is %q: write a time with its unit, such as 30m or 1s, of %s or more", name, value, least)
	}
	refuse(c.DataDir == "", "data_dir is empty: name the folder for the archive and the databases, such as ./data")
	refuse(strings.ContainsRune(c.DataDir, '?'), "data_dir is %q: DuckDB cannot keep a database below a folder with a ? in its name; choose another", c.DataDir)
	refuse(c.Source == "", "source is empty: write cms, a folder, or the URL of a page")
	scheme, _, isURL := strings.Cut(c.Source, "://")
	refuse(isURL && scheme != "https" && scheme != "http", "source is %q: an address of a page begins with https://", c.Source)
	oneOf("format", c.Format, Formats)
	oneOf("export.format", c.Export.Format, ExportFormats)
	oneOf("log_format", c.LogFormat, LogFormats)
	refuse(c.Quiet && c.Verbose, "quiet and verbose are both set: choose one")
	refuse(!load.IsMemoryLimit(c.MemoryLimit), "memory_limit is %q: write a number and a unit, such as 256MB or 1GB", c.MemoryLimit)
	refuse(!isAddress(c.Site.Page), "site.page is %q: write the address of a page, such as %s", c.Site.Page, extract.CMSPage)
	for _, host := range c.hosts() {
		address, err := url.Parse("https://" + host)
		refuse(err != nil || address.Host != host || address.Hostname() == "", "site.hosts has %q: write names of hosts with commas between them, such as files.example.org", host)
	}
	isTime("site.budget", c.Site.Budget, time.Second)
	isTime("site.pause", c.Site.Pause, 0)
	if _, err := report.ParseWatchList(watchEntries(c.Watch.Codes)); err != nil {
		refuse(true, "watch.codes: %w", err)
	}
	problems = append(problems, c.Mail.check()...)
	if err := c.Hold.Check(); err != nil {
		refuse(true, "%w", err)
	}
	if _, err := ParseTimetable(c.Schedule.Cron, c.Schedule.Zone); err != nil {
		refuse(true, "schedule.cron and schedule.zone: %w", err)
	}
	isTime("schedule.retry_after", c.Schedule.RetryAfter, time.Second)
	isTime("schedule.stop_within", c.Schedule.StopWithin, 0)
	refuse(c.OverdueDaysAhead < 0 || c.OverdueDaysAhead > 90, "overdue_days_ahead is %d: write a number of days from 0 to 90; CMS publishes about three weeks ahead", c.OverdueDaysAhead)
	refuse(c.MetricsFile != "" && filepath.Ext(c.MetricsFile) != ".prom", "metrics_file is %q: the node exporter reads files that end with .prom, such as /var/lib/node_exporter/hcpcs.prom", c.MetricsFile)
	refuse(c.Heartbeat.URL != "" && c.Heartbeat.URLFile != "", "heartbeat.url and heartbeat.url_file are both set: choose one")
	refuse(c.Heartbeat.URL != "" && !isAddress(string(c.Heartbeat.URL)), "heartbeat.url is no address: write one that begins with https://")
	return errors.Join(problems...)
}

func isAddress(text string) bool {
	address, err := url.Parse(text)
	return err == nil && (address.Scheme == "https" || address.Scheme == "http") && address.Hostname() != ""
}

// Paths are where the data folder keeps what.
type Paths struct {
	Data, Archive, Warehouse, Published, Reports, Temporary, Lock string
	// Downloads holds files on their way into the archive; SiteMemory remembers
	// what the archive cannot tell of a site, Checked which of its files were whole.
	Downloads, SiteMemory, Checked string
	// Status is how the last run went; Troubles is what the operators were told.
	Status, Troubles string
}

// Paths gives the places in the data folder.
func (c *Config) Paths() Paths {
	in := func(name string) string { return filepath.Join(c.DataDir, name) }
	return Paths{
		Data: c.DataDir, Archive: in("archive"), Warehouse: in("warehouse.duckdb"), Published: in("hcpcs.duckdb"),
		Reports: in("reports"), Temporary: in("tmp"), Lock: in("lock"),
		Downloads: in("downloads"), SiteMemory: in("site.json"), Checked: in("checked.json"), Status: in("status.json"), Troubles: in("troubles.json"),
	}
}

// Resources bound what DuckDB takes.
func (c *Config) Resources() load.Resources {
	return load.Resources{MemoryLimit: c.MemoryLimit, TemporaryFolder: c.Paths().Temporary}
}

// IsSite tells whether a source is a page rather than a folder.
func IsSite(source string) bool {
	return source == SourceCMS || strings.HasPrefix(source, "https://") || strings.HasPrefix(source, "http://")
}

// site gives what extract needs to read the source's page.
func (c *Config) site(archive *extract.Archive, around Surroundings) extract.SiteOptions {
	paths := c.Paths()
	budget, _ := time.ParseDuration(c.Site.Budget) // Check has read them
	pause, _ := time.ParseDuration(c.Site.Pause)
	if pause == 0 {
		pause = -1 // none
	}
	options := extract.SiteOptions{
		Page: c.Source, Budget: budget, Pause: pause, Archive: archive, Staging: paths.Downloads, Memory: paths.SiteMemory,
		Now: around.Now, Wait: around.wait, Progress: around.tellDownload,
	}
	if c.Source == SourceCMS {
		options.Page = c.Site.Page
	}
	options.AllowedHosts = c.hosts()
	if around.Version != "" {
		options.UserAgent = "hcpcs/" + around.Version
	}
	return options
}

// hosts gives the further hosts from which files are taken.
func (c *Config) hosts() []string {
	var hosts []string
	for host := range strings.SplitSeq(c.Site.Hosts, ",") {
		if host = strings.TrimSpace(host); host != "" {
			hosts = append(hosts, host)
		}
	}
	return hosts
}
