package pipeline

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Secret is a setting that nobody is to read: it prints as what it is, not as
// what it says.
type Secret string

func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "(secret)"
}

// GoString keeps it out of %#v.
func (s Secret) GoString() string { return strconv.Quote(s.String()) }

// LogValue keeps it out of logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText keeps it out of JSON and the like.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// readSecret gives a secret that stands in the settings, or in a file of its own
// that file names, without white space around it. setting is the file's.
func readSecret(secret Secret, setting, file string) (string, error) {
	if file == "" {
		return string(secret), nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("reading what %s names: %w", setting, err)
	}
	content := strings.TrimSpace(string(text))
	if content == "" {
		return "", fmt.Errorf("reading what %s names: %s is empty", setting, file)
	}
	return content, nil
}

// readFile sets what a configuration file says. The error names each key that is
// none and each value that cannot be, with its line.
func readFile(config *Config, path string, text []byte) error {
	var document, second yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF): // nothing but comments
		return nil
	case err != nil:
		return fmt.Errorf("reading the configuration %s: %w", path, err)
	}
	reader := settingsReader{}
	switch err := decoder.Decode(&second); {
	case err == nil:
		reader.refuse(&second, "a second document begins after a line ---: put all settings into one")
	case !errors.Is(err, io.EOF):
		return fmt.Errorf("reading the configuration %s: %w", path, err)
	}
	reader.read(document.Content[0], reflect.ValueOf(config).Elem(), "")
	if reader.problems != nil {
		return fmt.Errorf("reading the configuration %s: %w", path, errors.Join(reader.problems...))
	}
	return nil
}

// ExpandHome puts the home folder in the place of a ~/ with which a path begins,
// wherever it was set: the file and the environment have no shell that would. The
// error names each path for which that cannot be.
func (c *Config) ExpandHome(home string) error {
	return expandHome(reflect.ValueOf(c).Elem(), "", home)
}

func expandHome(settings reflect.Value, prefix, home string) error {
	var problems []error
	for i := range settings.NumField() {
		value, tag := settings.Field(i), settings.Type().Field(i).Tag
		name := prefix + tag.Get("yaml")
		switch {
		case value.Kind() == reflect.Struct:
			problems = append(problems, expandHome(value, name+".", home))
		case value.Kind() == reflect.Slice:
			for one := range value.Len() {
				problems = append(problems, expandHome(value.Index(one), fmt.Sprintf("%s[%d].", name, one+1), home))
			}
		case tag.Get("names") != "path":
		default:
			path, err := belowHome(value.String(), home)
			if err != nil {
				problems = append(problems, fmt.Errorf("%s is %q: %w", name, value.String(), err))
			}
			value.SetString(path)
		}
	}
	return errors.Join(problems...)
}

func belowHome(path, home string) (string, error) {
	first, rest, _ := strings.Cut(path, "/")
	switch {
	case !strings.HasPrefix(first, "~"):
		return path, nil
	case first != "~":
		return path, fmt.Errorf("only ~/ stands for a home folder: write the path in full, or ./%s where it is meant as it stands", path)
	case home == "":
		return path, errors.New("no home folder is known here, since HOME is not set: write the path in full")
	}
	return filepath.Join(home, rest), nil
}

// settingsReader takes a configuration file into the settings, and collects what
// is wrong with it.
type settingsReader struct {
	problems []error
}

func (r *settingsReader) refuse(node *yaml.Node, format string, arguments ...any) {
	r.problems = append(r.problems, fmt.Errorf("line %d: %w", node.Line, fmt.Errorf(format, arguments...)))
}

// read takes one value; key is its whole name, "" for the file itself.
func (r *settingsReader) read(node *yaml.Node, into reflect.Value, key string) {
	switch {
	case node.Kind == yaml.AliasNode:
		r.refuse(node, "%s is an alias (*): write the value itself", key)
	case node.Kind == yaml.ScalarNode && node.Tag == "!!null":
		// A key without a value stays what it is by default.
	case into.Kind() == reflect.Struct:
		r.readKeys(node, into, key)
	case into.Kind() == reflect.Slice:
		r.readList(node, into, key)
	case node.Kind != yaml.ScalarNode:
		r.refuse(node, "%s is a list or has keys below it: write one value", key)
	default:
		if err := set(into, node.Value); err != nil {
			r.refuse(node, "%s is %s: %w", key, shown(into, node.Value), err)
		}
	}
}

func (r *settingsReader) readKeys(node *yaml.Node, into reflect.Value, key string) {
	if node.Kind != yaml.MappingNode {
		what := key
		if key == "" {
			what = "the file"
		}
		r.refuse(node, "%s has no keys in it: write them as in hcpcs.example.yaml, such as %s: …", what, settingNames(into.Type())[0])
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		name := node.Content[i]
		whole := strings.TrimPrefix(key+"."+name.Value, ".")
		place := slices.Index(settingNames(into.Type()), name.Value)
		switch {
		case isFromEnvironmentOnly(into.Type(), name.Value):
			r.refuse(name, "%s cannot stand in this file: name a file that holds it by %s_file, or set %s", whole, whole,
				environmentPrefix+strings.ToUpper(strings.ReplaceAll(whole, ".", "_")))
		case place < 0:
			r.refuse(name, "%s is no setting: %s", whole, meant(into.Type(), key, name.Value))
		case seen[name.Value]:
			r.refuse(name, "%s is set a second time: remove one of the two", whole)
		default:
			seen[name.Value] = true
			r.read(node.Content[i+1], into.Field(place), whole)
		}
	}
}

func (r *settingsReader) readList(node *yaml.Node, into reflect.Value, key string) {
	if node.Kind != yaml.SequenceNode {
		r.refuse(node, "%s is no list: begin each line of it with a -", key)
		return
	}
	list := reflect.MakeSlice(into.Type(), len(node.Content), len(node.Content))
	for i, one := range node.Content {
		r.read(one, list.Index(i), fmt.Sprintf("%s[%d]", key, i+1))
	}
	into.Set(list)
}

// settingNames gives the keys of a struct's fields, in order. Those that come
// from the environment alone have none, and stand last.
func settingNames(settings reflect.Type) []string {
	var names []string
	for i := range settings.NumField() {
		if name := settings.Field(i).Tag.Get("yaml"); name != "-" {
			names = append(names, name)
		}
	}
	return names
}

// isFromEnvironmentOnly tells whether a key would be a setting that the file
// cannot hold.
func isFromEnvironmentOnly(settings reflect.Type, name string) bool {
	for i := range settings.NumField() {
		if own := settings.Field(i).Tag.Get("environment"); own != "" && strings.EqualFold(own, name) {
			return true
		}
	}
	return false
}

// meant says which key was perhaps meant: one that differs in a few letters, or
// one of that name elsewhere.
func meant(settings reflect.Type, key, name string) string {
	names := settingNames(settings)
	nearest := slices.MinFunc(names, func(a, b string) int { return distance(a, name) - distance(b, name) })
	if distance(nearest, name) <= (len(name)+1)/3 {
		return fmt.Sprintf("did you mean %s?", nearest)
	}
	for _, whole := range allSettings(reflect.TypeFor[Config](), "") {
		if strings.HasSuffix("."+whole, "."+name) {
			return fmt.Sprintf("there is %s, which stands elsewhere; see hcpcs.example.yaml", whole)
		}
	}
	where := "there are "
	if key != "" {
		where = "below " + key + " there are "
	}
	return where + strings.Join(names, ", ")
}

func allSettings(settings reflect.Type, prefix string) []string {
	var names []string
	for i := range settings.NumField() {
		name := prefix + settings.Field(i).Tag.Get("yaml")
		if strings.HasSuffix(name, "-") {
			continue
		}
		names = append(names, name)
		if field := settings.Field(i).Type; field.Kind() == reflect.Struct {
			names = append(names, allSettings(field, name+".")...)
		}
	}
	return names
}

// distance counts the letters to be put in, left out or changed to make one word
// the other.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			next := min(row[j]+1, row[j+1]+1, diagonal)
			if a[i] != b[j] {
				next = min(row[j]+1, row[j+1]+1, diagonal+1)
			}
			diagonal, row[j+1] = row[j+1], next
		}
	}
	return row[len(b)]
}

const environmentPrefix = "HCPCS_"

// readEnvironment sets what HCPCS_… variables say. A variable that names no
// setting is an error, since it is a typing mistake that would go unnoticed.
func readEnvironment(config *Config, environ []string) error {
	settings := map[string]reflect.Value{}
	collectSettings(reflect.ValueOf(config).Elem(), environmentPrefix, settings)
	var problems []error
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		if !strings.HasPrefix(name, environmentPrefix) || ignoredVariables[name] {
			continue
		}
		setting, known := settings[name]
		if !known {
			problems = append(problems, fmt.Errorf("reading the environment: %s names no setting: write HCPCS_ and a key of the configuration in capitals, such as HCPCS_DATA_DIR", name))
			continue
		}
		if err := set(setting, value); err != nil {
			problems = append(problems, fmt.Errorf("reading the environment: %s is %s: %w", name, shown(setting, value), err))
		}
	}
	return errors.Join(problems...)
}

// ignoredVariables are read elsewhere: the configuration's own path by the
// command line, the real releases by tests.
var ignoredVariables = map[string]bool{"HCPCS_CONFIG": true, "HCPCS_REAL_RELEASES": true, "HCPCS_SCREENSHOTS": true}

func collectSettings(value reflect.Value, prefix string, settings map[string]reflect.Value) {
	for i := range value.NumField() {
		tag := value.Type().Field(i).Tag
		name := prefix + strings.ToUpper(tag.Get("yaml"))
		if own := tag.Get("environment"); own != "" {
			name = prefix + own
		}
		if value.Field(i).Kind() == reflect.Struct {
			collectSettings(value.Field(i), name+"_", settings)
			continue
		}
		settings[name] = value.Field(i)
	}
}

// set takes one value as text. The error says what would be right.
func set(setting reflect.Value, value string) error {
	switch setting.Kind() {
	case reflect.Bool:
		if value != "true" && value != "false" {
			return errors.New("write true or false")
		}
		setting.SetBool(value == "true")
	case reflect.Int:
		number, err := strconv.ParseInt(value, 10, 32)
		if err != nil {
			return errors.New("write a whole number, such as 7")
		}
		setting.SetInt(number)
	case reflect.Float64:
		number, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return errors.New("write a number, such as 0.25")
		}
		setting.SetFloat(number)
	case reflect.String:
		setting.SetString(value)
	default:
		return errors.New("a list can only be set in the configuration file")
	}
	return nil
}

// shown gives a value for an error, unless it is a secret one.
func shown(setting reflect.Value, value string) string {
	if setting.Type() == reflect.TypeFor[Secret]() {
		return "not right"
	}
	return strconv.Quote(value)
}
