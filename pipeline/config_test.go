package pipeline

import (
	"os"
	"path/filepath"
	"reflect"
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
	for i := range settings.NumField() {
		field := settings.Field(i)
		name := field.Tag.Get("yaml")
		value, found := present[name]
		require.True(t, found, "%s is not in the example", name)
		if field.Type.Kind() == reflect.Struct {
			requireEverySetting(t, value, field.Type)
		}
	}
	require.Len(t, present, settings.NumField())
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

func TestSettingsThatCannotBe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "hcpcs.yaml")
	for text, want := range map[string]string{
		"data_dri: x\n":            "data_dri",
		"hold:\n  codes_gnoe: 1\n": "codes_gnoe",
		"quiet: maybe\n":           "maybe",
		"data_dir: [a, b]\n":       "line 1",
	} {
		require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
		_, err := ReadConfig(file, nil)
		require.ErrorContains(t, err, file)
		require.ErrorContains(t, err, want)
	}
	_, err := ReadConfig(filepath.Join(t.TempDir(), "absent.yaml"), nil)
	require.ErrorIs(t, err, os.ErrNotExist)
	for variable, want := range map[string]string{
		"HCPCS_DATADIR=x":             "HCPCS_DATADIR",
		"HCPCS_QUIET=perhaps":         "true or false",
		"HCPCS_HOLD_CODES_GONE=a lot": "a number",
	} {
		_, err := ReadConfig("", []string{variable})
		require.ErrorContains(t, err, want)
	}
	for want, change := range map[string]func(*Config){
		"data_dir":        func(c *Config) { c.DataDir = "" },
		"with a ? in it":  func(c *Config) { c.DataDir = "a?b" },
		"source":          func(c *Config) { c.Source = "" },
		"format":          func(c *Config) { c.Format = "yaml" },
		"log_format":      func(c *Config) { c.LogFormat = "xml" },
		"memory_limit":    func(c *Config) { c.MemoryLimit = "much" },
		"quiet":           func(c *Config) { c.Quiet, c.Verbose = true, true },
		"hold.codes_gone": func(c *Config) { c.Hold.CodesGone = 25 },
		"site.budget":     func(c *Config) { c.Site.Budget = "a while" },
	} {
		config := DefaultConfig()
		require.NoError(t, config.Check())
		change(&config)
		require.ErrorContains(t, config.Check(), want)
	}
}
