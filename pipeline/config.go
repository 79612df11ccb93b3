package pipeline

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/hcpcstrack/hcpcstrack/extract"
	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// Config is every setting. Each can be set in the configuration file by its
// key, by an environment variable (HCPCS_DATA_DIR for data_dir,
// HCPCS_HOLD_CODES_GONE for codes_gone below hold), and by a flag where there is
// one, in rising order of strength.
type Config struct {
	// DataDir is the folder that holds the archive, the warehouse, the published
	// file and the reports. Default: ./data
	DataDir string `yaml:"data_dir"`
	// Source is where releases come from: cms, a folder, or the URL of a page.
	// Default: cms
	Source string `yaml:"source"`
	// Format is how results are printed: table, csv, json or markdown. Default:
	// table
	Format string `yaml:"format"`
	// Quiet leaves out everything but results and errors. Default: false
	Quiet bool `yaml:"quiet"`
	// Verbose logs what is done in detail. Default: false
	Verbose bool `yaml:"verbose"`
	// LogFormat is text or json. Default: text
	LogFormat string `yaml:"log_format"`
	// MemoryLimit is what DuckDB may take, such as 256MB or 1GB. Default: 256MB
	MemoryLimit string `yaml:"memory_limit"`
	// Site says how releases are got from a page.
	Site SiteConfig `yaml:"site"`
	// Watch names the codes that are the reader's own: reports show them first.
	Watch WatchConfig `yaml:"watch"`
	// Hold says when a release does not look right and is held back for review.
	Hold transform.ReviewLimits `yaml:"hold"`
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
	File string `yaml:"file"`
}

// DefaultConfig gives every setting its default.
func DefaultConfig() Config {
	return Config{
		DataDir:     "./data",
		Source:      SourceCMS,
		Format:      "table",
		LogFormat:   "text",
		MemoryLimit: load.DefaultMemoryLimit,
		Site:        SiteConfig{Page: extract.CMSPage, Budget: "30m", Pause: "1s"},
		Hold:        transform.DefaultReviewLimits,
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
		decoder := yaml.NewDecoder(bytes.NewReader(text))
		decoder.KnownFields(true)
		if err := decoder.Decode(&config); err != nil && !errors.Is(err, io.EOF) {
			return config, fmt.Errorf("reading the configuration %s: %w", path, err)
		}
	}
	if err := readEnvironment(&config, environ); err != nil {
		return config, err
	}
	return config, nil
}

const environmentPrefix = "HCPCS_"

// readEnvironment sets what HCPCS_… variables say. A variable that names no
// setting is an error, since it is a typing mistake that would go unnoticed.
func readEnvironment(config *Config, environ []string) error {
	settings := map[string]reflect.Value{}
	collectSettings(reflect.ValueOf(config).Elem(), environmentPrefix, settings)
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		if !strings.HasPrefix(name, environmentPrefix) || ignoredVariables[name] {
			continue
		}
		setting, known := settings[name]
		if !known {
			return fmt.Errorf("reading the environment: %s names no setting: write HCPCS_ and a key of the configuration in capitals, such as HCPCS_DATA_DIR", name)
		}
		if err := set(setting, value); err != nil {
			return fmt.Errorf("reading the environment: %s=%q: %w", name, value, err)
		}
	}
	return nil
}

// ignoredVariables are read elsewhere: the configuration's own path by the
// command line, the real releases by tests.
var ignoredVariables = map[string]bool{"HCPCS_CONFIG": true, "HCPCS_REAL_RELEASES": true, "HCPCS_SCREENSHOTS": true}

func collectSettings(value reflect.Value, prefix string, settings map[string]reflect.Value) {
	for i := range value.NumField() {
		name := prefix + strings.ToUpper(value.Type().Field(i).Tag.Get("yaml"))
		if value.Field(i).Kind() == reflect.Struct {
			collectSettings(value.Field(i), name+"_", settings)
			continue
		}
		settings[name] = value.Field(i)
	}
}

func set(setting reflect.Value, value string) error {
	switch setting.Kind() {
	case reflect.Bool:
		on, err := strconv.ParseBool(value)
		if err != nil {
			return errors.New("write true or false")
		}
		setting.SetBool(on)
	case reflect.Float64:
		number, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return errors.New("write a number, such as 0.25")
		}
		setting.SetFloat(number)
	default:
		setting.SetString(value)
	}
	return nil
}

// The formats in which results and logs are written.
var (
	Formats    = []string{"table", "csv", "json", "markdown"}
	LogFormats = []string{"text", "json"}
)

// Check says which setting cannot be, and what would be right.
func (c *Config) Check() error {
	oneOf := func(name, value string, allowed []string) error {
		for _, one := range allowed {
			if value == one {
				return nil
			}
		}
		return fmt.Errorf("%s is %q: choose one of %s", name, value, strings.Join(allowed, ", "))
	}
	if c.DataDir == "" {
		return errors.New("data_dir is empty: name the folder for the archive and the databases, such as ./data")
	}
	if strings.ContainsRune(c.DataDir, '?') {
		return fmt.Errorf("data_dir is %q: DuckDB cannot keep a database below a folder with a ? in its name; choose another", c.DataDir)
	}
	if c.Source == "" {
		return errors.New("source is empty: write cms, a folder, or the URL of a page")
	}
	if c.Quiet && c.Verbose {
		return errors.New("quiet and verbose are both set: choose one")
	}
	if !memoryPattern(c.MemoryLimit) {
		return fmt.Errorf("memory_limit is %q: write a number and a unit, such as 256MB or 1GB", c.MemoryLimit)
	}
	for name, value := range map[string]string{"site.budget": c.Site.Budget, "site.pause": c.Site.Pause} {
		if duration, err := time.ParseDuration(value); err != nil || duration < 0 {
			return fmt.Errorf("%s is %q: write a time with its unit, such as 30m or 1s", name, value)
		}
	}
	return errors.Join(oneOf("format", c.Format, Formats), oneOf("log_format", c.LogFormat, LogFormats), c.Hold.Check())
}

func memoryPattern(text string) bool {
	digits := strings.TrimRight(strings.ToUpper(text), "KMGIB")
	number, err := strconv.Atoi(digits)
	return err == nil && number > 0 && len(digits) < len(text)
}

// Paths are where the data folder keeps what.
type Paths struct {
	Data, Archive, Warehouse, Published, Reports, Temporary, Lock string
	// Downloads holds files on their way into the archive; SiteMemory remembers
	// what the archive cannot tell of a site.
	Downloads, SiteMemory string
}

// Paths gives the places in the data folder.
func (c *Config) Paths() Paths {
	in := func(name string) string { return filepath.Join(c.DataDir, name) }
	return Paths{
		Data: c.DataDir, Archive: in("archive"), Warehouse: in("warehouse.duckdb"), Published: in("hcpcs.duckdb"),
		Reports: in("reports"), Temporary: in("tmp"), Lock: in("lock"),
		Downloads: in("downloads"), SiteMemory: in("site.json"),
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
	if c.Site.Hosts != "" {
		for host := range strings.SplitSeq(c.Site.Hosts, ",") {
			options.AllowedHosts = append(options.AllowedHosts, strings.TrimSpace(host))
		}
	}
	if around.Version != "" {
		options.UserAgent = "hcpcs/" + around.Version
	}
	return options
}
