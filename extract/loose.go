package extract

import (
	"context"
	"fmt"
	"path"
	"strings"
	"time"
)

// looseMain is a main file outside of a ZIP.
type looseMain struct {
	file     MainFile
	modified time.Time // of a workbook
	source   diskFile
	paired   bool
}

func (m looseMain) stem() string { return strings.TrimSuffix(m.file.Name, path.Ext(m.file.Name)) }

func (r *folderReader) looseMain(ctx context.Context, source diskFile, found sniffed, loose *looseFiles) error {
	sum, size, err := source.hash(ctx, r.limits)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		r.suspect(source.name, fmt.Sprintf("the file cannot be read (%v): get it again", rootCause(err)))
		return nil
	}
	loose.mains = append(loose.mains, looseMain{
		file:     MainFile{Name: utf8Name(path.Base(source.name)), Format: found.format, SHA256: sum, Size: size},
		modified: found.modified,
		source:   source,
	})
	return nil
}

// looseOffers makes releases of one folder's loose main files. A text and a
// workbook are one release in two formats when their names differ in nothing
// but the extension, or when they are the only two and their names tell the
// same quarter or none, and the same version or none: a text "_v2" is another
// publication than a workbook without. Every other main file is a release of its own.
func (r *folderReader) looseOffers(folder string, loose looseFiles) {
	var texts, workbooks []*looseMain
	for i := range loose.mains {
		if loose.mains[i].file.Format == FormatText {
			texts = append(texts, &loose.mains[i])
		} else {
			workbooks = append(workbooks, &loose.mains[i])
		}
	}
	for _, text := range texts {
		var second *looseMain
		for _, workbook := range workbooks {
			if !workbook.paired && strings.EqualFold(workbook.stem(), text.stem()) {
				second = workbook
				break
			}
		}
		if second == nil && len(texts) == 1 && len(workbooks) == 1 && r.sameQuarter(folder, text, workbooks[0]) && sameVersion(text, workbooks[0]) {
			second = workbooks[0]
		}
		if second != nil {
			second.paired = true
		}
		r.looseOffer(folder, text, second)
	}
	for _, workbook := range workbooks {
		if !workbook.paired {
			r.looseOffer(folder, workbook, nil)
		}
	}
	r.passXLS(loose)
}

// sameQuarter compares what the names of two files tell, the folder standing
// in for a name that tells nothing.
func (r *folderReader) sameQuarter(folder string, one, other *looseMain) bool {
	tell := func(file *looseMain) nameEvidence {
		evidence := evidenceOfName(BasisFileName, file.file.Name)
		if evidence.strength == nameSilent {
			evidence = r.folderEvidence(folder)
		}
		return evidence
	}
	return tell(one).quarter == tell(other).quarter
}

func sameVersion(one, other *looseMain) bool {
	return VersionFromName(one.file.Name).Compare(VersionFromName(other.file.Name)) == 0
}

func (r *folderReader) looseOffer(folder string, main, second *looseMain) {
	offer := Offer{
		Path: r.path(main.source.name), Name: main.file.Name, SHA256: main.file.SHA256, Size: main.file.Size,
		Main: main.file, folder: folder,
		source: content{loose: map[string]diskFile{main.file.Name: main.source}},
	}
	modified := map[string]time.Time{main.file.Name: main.modified}
	if second != nil {
		offer.Second = &second.file
		offer.source.loose[second.file.Name] = second.source
		modified[second.file.Name] = second.modified
	}
	offer.PublishedAt, offer.PublishedBasis = published(r.before.at, time.Time{}, modified, &offer.Main, offer.Second)
	r.addOffer(offer)
}

// passXLS says of each .xls whether its release is read from another file.
func (r *folderReader) passXLS(loose looseFiles) {
	for _, name := range loose.xls {
		pass, reason := r.suspect, "an .xls workbook (or a password-protected one), which is not read: get the release's .txt, or save it as .xlsx without a password"
		stem := strings.TrimSuffix(path.Base(name), path.Ext(name))
		for _, main := range loose.mains {
			if strings.EqualFold(main.stem(), stem) {
				pass, reason = r.pass, "an .xls workbook, which is not read; the release is read from "+main.file.Name
			}
		}
		pass(name, reason)
	}
}
