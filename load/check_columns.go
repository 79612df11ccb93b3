package load

import (
	"slices"
	"strings"

	statements "github.com/hcpcstrack/hcpcstrack/sql"
)

// ClaimColumns are the columns in which claim lines say what they say.
type ClaimColumns struct {
	Code, Date string
	Modifiers  []string // none: there is none
	Paid       string   // "": there is none
}

// The usual names of the columns, without regard to letter case, blanks, points,
// hyphens and underscores.
var (
	codeNames     = []string{"code", "hcpcs", "hcpcscode", "hcpcscd", "procedurecode", "proccode", "proccd", "procedurecd", "cpthcpcs", "hcpcscpt", "cptcode", "cpt"}
	dateNames     = []string{"servicedate", "dateofservice", "dos", "fromdate", "servicefromdate", "servicedatefrom", "servicestartdate", "dosfrom", "fromdos", "svcdate", "servicedt", "clmfromdt", "linefromdate", "line1stexpnsdt"}
	paidNames     = []string{"paiddate", "paymentdate", "datepaid", "paidon", "paiddt", "paydate", "adjudicationdate"}
	modifierNames = []string{"modifiers", "modifier", "mods", "mod", "hcpcsmodifiers", "hcpcsmodifier"}
	numberedNames = []string{"modifier", "mod", "hcpcsmod", "hcpcsmodifier", "proceduremodifier", "procmod", "modifiercode", "modcd", "mdfrcd", "hcpcsmdfrcd"}
)

// findClaimColumns takes the columns that were named, and finds the others.
func findClaimColumns(columns []string, options *CheckOptions) (ClaimColumns, error) {
	var found ClaimColumns
	err := checkColumnNames(columns, options.Input)
	if err != nil {
		return found, err
	}
	if found.Code, err = findColumn(columns, "--code", options.Code, codeNames, true); err != nil {
		return found, err
	}
	if found.Date, err = findColumn(columns, "--date", options.Date, dateNames, true); err != nil {
		return found, err
	}
	if found.Paid, err = findColumn(columns, "--paid", options.Paid, paidNames, false); err != nil {
		return found, err
	}
	if len(options.Modifiers) > 0 {
		for _, name := range options.Modifiers {
			column, err := findColumn(columns, "--modifiers", name, nil, true)
			if err != nil {
				return found, err
			}
			found.Modifiers = append(found.Modifiers, column)
		}
		return found, nil
	}
	for _, column := range columns {
		name := plainName(column)
		before := strings.TrimRight(name, "123456789")
		if slices.Contains(modifierNames, name) || (len(name)-len(before) == 1 && slices.Contains(numberedNames, before)) ||
			(len(name) > 2 && slices.Contains([]string{"1stmdfrcd", "2ndmdfrcd", "3rdmdfrcd", "4thmdfrcd"}, strings.TrimPrefix(name, "hcpcs"))) {
			found.Modifiers = append(found.Modifiers, column)
		}
	}
	return found, nil
}

// checkColumnNames refuses names that could not be told apart in the result.
func checkColumnNames(columns []string, file string) error {
	seen := map[string]bool{}
	for _, name := range columns {
		lower := strings.ToLower(name)
		if _, err := statements.Literal(name); err != nil {
			return inputErrorf("a column's name in %s: %w", file, err)
		}
		switch {
		case strings.HasPrefix(lower, "hcpcs__") || slices.Contains(resultColumns, lower):
			return inputErrorf("%s has a column %s, as results of this check have: check the file that it was made from", file, name)
		case seen[lower]:
			return inputErrorf("%s has two columns with the name %s: rename one", file, name)
		}
		seen[lower] = true
	}
	return nil
}

func findColumn(columns []string, flag, named string, usual []string, needed bool) (string, error) {
	if named != "" {
		for _, column := range columns {
			if strings.EqualFold(strings.TrimSpace(column), strings.TrimSpace(named)) {
				return column, nil
			}
		}
		return "", inputErrorf("%s %s: there is no such column; there are: %s", flag, named, strings.Join(columns, ", "))
	}
	var matching []string
	for _, name := range usual {
		for _, column := range columns {
			if plainName(column) == name {
				matching = append(matching, column)
			}
		}
	}
	switch {
	case len(matching) == 1:
		return matching[0], nil
	case len(matching) > 1:
		return "", inputErrorf("several columns could be meant: %s; say which with %s", strings.Join(matching, ", "), flag)
	case needed:
		return "", inputErrorf("no column has a usual name: name one with %s; there are: %s", flag, strings.Join(columns, ", "))
	}
	return "", nil
}

// plainName is a name in small letters, without what stands between its words.
func plainName(name string) string {
	return strings.NewReplacer("_", "", " ", "", "-", "", ".", "").Replace(strings.ToLower(strings.TrimSpace(name)))
}
