package load

import (
	"cmp"
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// Companion is a file that came with a release, or by itself, read.
type Companion struct {
	Key     CompanionKey
	File    string // base name
	Quarter release.Quarter
	Release release.ID // zero where it came by itself
	// Replaces says that it stands for what the tables have of a file of its name.
	Replaces bool
	// One of the four is filled.
	Transactions []transform.TransactionLine
	Corrections  []transform.Correction
	NOCCodes     []transform.NOCCode
	Notes        []transform.ProcessingNoteText
	// Findings say what is wrong with it.
	Findings []transform.Finding
	// Failed says why it could not be read, "" where it could.
	Failed string
}

// CompanionKey identifies a companion: the archived file it is in, by its
// SHA-256, and its name there.
type CompanionKey struct{ SHA256, Entry string }

// HasRead tells whether a companion is in the tables, or was tried in vain.
func (w *Warehouse) HasRead(key CompanionKey) bool {
	_, found := slices.BinarySearchFunc(w.companions, key, compareKeys)
	return found
}

func compareKeys(a, b CompanionKey) int {
	return cmp.Or(strings.Compare(a.SHA256, b.SHA256), strings.Compare(a.Entry, b.Entry))
}

func (w *Warehouse) readCompanionKeys(ctx context.Context) error {
	rows, err := w.db.conn.QueryContext(ctx, `SELECT sha256, entry FROM companions_read ORDER BY ALL`)
	if err != nil {
		return fmt.Errorf("reading which companions are known: %w", err)
	}
	defer rows.Close() // after reading, nothing can be lost
	w.companions = nil
	for rows.Next() {
		var key CompanionKey
		if err := rows.Scan(&key.SHA256, &key.Entry); err != nil {
			return err
		}
		w.companions = append(w.companions, key)
	}
	return rows.Err()
}

// CompanionsRead lists the companions that were read into the tables.
func (w *Warehouse) CompanionsRead() []CompanionKey { return slices.Clone(w.companions) }

// LoadCompanions puts companions into their tables, all in one transaction, which is
// that of Together where there is one.
func (w *Warehouse) LoadCompanions(ctx context.Context, companions []Companion) error {
	tables := map[string][][]driver.Value{}
	for i := range companions {
		companions[i].addRows(tables)
	}
	err := w.transaction(ctx, func() error {
		for i := range companions {
			if companions[i].Replaces {
				if err := w.dropCompanion(ctx, &companions[i]); err != nil {
					return err
				}
			}
		}
		for _, table := range [...]string{"transaction_reports", "corrections", "noc_codes", "processing_notes", "companion_findings", "companions_read", "unpublished_companions"} {
			rows := tables[table]
			if err := w.db.appendRows(ctx, "warehouse", table, rowsOf(rows, asTheyAre)); err != nil {
				return fmt.Errorf("loading companions: %w", err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i := range companions {
		w.companions = append(w.companions, companions[i].Key)
	}
	slices.SortFunc(w.companions, compareKeys)
	return nil
}

// dropCompanion drops what came of a file of the same name, for the same release or
// quarter.
func (w *Warehouse) dropCompanion(ctx context.Context, c *Companion) error {
	for _, drop := range [...]string{
		`DELETE FROM transaction_reports WHERE quarter = ? AND release IS NOT DISTINCT FROM ? AND file = ?`,
		`DELETE FROM corrections WHERE quarter = ? AND release IS NOT DISTINCT FROM ? AND file = ?`,
		`DELETE FROM noc_codes WHERE quarter = ? AND release IS NOT DISTINCT FROM ? AND file = ?`,
		`DELETE FROM processing_notes WHERE quarter = ? AND release IS NOT DISTINCT FROM ? AND file = ?`,
		`DELETE FROM companion_findings WHERE quarter = ? AND release IS NOT DISTINCT FROM ? AND file = ?`,
	} {
		if _, err := w.db.conn.ExecContext(ctx, drop, c.Quarter.String(), releaseName(c.Release), c.File); err != nil {
			return fmt.Errorf("dropping what %s of %s replaces: %w", c.File, c.Quarter, err)
		}
	}
	return nil
}

func (c *Companion) addRows(tables map[string][][]driver.Value) {
	add := func(table string, row ...driver.Value) { tables[table] = append(tables[table], row) }
	quarter, of := c.Quarter.String(), releaseName(c.Release)
	for _, line := range c.Transactions {
		if line.ActionCode == transform.NoMaintenance {
			continue // nothing was done to the code
		}
		add("transaction_reports", quarter, of, c.File, line.Sheet, int32(line.Row), line.Code, line.Label, text(line.ActionCode))
	}
	for _, correction := range c.Corrections {
		details := make([]string, len(correction.Details))
		for i, detail := range correction.Details {
			details[i] = detail.Header + ": " + detail.Value
		}
		add("corrections", quarter, of, c.File, correction.Sheet, int32(correction.Row), text(correction.Code), text(correction.Action),
			isoDate(correction.EffectiveDate), list(details))
	}
	for _, noc := range c.NOCCodes {
		add("noc_codes", quarter, of, c.File, int32(noc.Row), noc.Code, text(noc.Description), isoDate(noc.AddedDate), isoDate(noc.TerminationDate))
	}
	for _, note := range c.Notes {
		add("processing_notes", quarter, of, c.File, int32(note.Line), note.Number, note.Text)
	}
	for _, finding := range c.Findings {
		row := []driver.Value{quarter, of, finding.File, nil, text(finding.Code), text(finding.Field), string(finding.Rule), text(strings.ToValidUTF8(finding.RawText, "?"))}
		if finding.Line > 0 {
			row[3] = int32(finding.Line)
		}
		add("companion_findings", row...)
	}
	if c.Failed != "" {
		add("companion_findings", quarter, of, c.File, nil, nil, nil, string(transform.RuleUnreadableFile), strings.ToValidUTF8(c.Failed, "?"))
	}
	add("unpublished_companions", quarter, of, c.File)
	add("companions_read", c.Key.SHA256, c.Key.Entry, text(c.Failed))
}
