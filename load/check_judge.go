package load

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hcpcstrack/hcpcstrack/transform"
)

// claimLine is what a claim line says, as text that is still as it was written:
// empty or blank where it says nothing.
type claimLine struct {
	code, date, paid []byte
	// modifiers are one to a cell, or all in one cell where together is set.
	modifiers [][]byte
	together  bool
}

// claimAnswer is what is said of a claim line: a column each, "" for NULL.
type claimAnswer struct {
	verdict, codeStatus, reason, since, replacedBy, attested, description, modifiers string
	// What would have been said on the day of payment.
	verdictWhenPaid, codeStatusWhenPaid, modifiersWhenPaid, releaseWhenPaid string
}

// resultColumns are the columns of a result besides the input's, in the order of
// claimAnswer.columns.
var resultColumns = []string{
	"hcpcs_verdict", "hcpcs_code_status", "hcpcs_reason", "hcpcs_since", "hcpcs_replaced_by", "hcpcs_attested",
	"hcpcs_description", "hcpcs_modifiers", "hcpcs_verdict_when_paid", "hcpcs_code_status_when_paid",
	"hcpcs_modifiers_when_paid", "hcpcs_release_when_paid",
}

// verdictWords are all that is said of a line in one word.
var verdictWords = [...]string{"valid", "invalid", "uncertain", otherCodeSet, "no_code", "malformed"}

func (a *claimAnswer) columns() [12]string {
	return [...]string{
		a.verdict, a.codeStatus, a.reason, a.since, a.replacedBy, a.attested,
		a.description, a.modifiers, a.verdictWhenPaid, a.codeStatusWhenPaid,
		a.modifiersWhenPaid, a.releaseWhenPaid,
	}
}

// mostTogether is how many modifiers are checked of those in one cell.
const mostTogether = 6

var reasonOfTooMany = fmt.Sprintf("more than %d modifiers: the others were not checked", mostTogether)

// A claimJudge says of claim lines, one after the other, what claim_status says
// of their codes and modifiers, and counts what it said. Several judges can share
// a calendar.
type claimJudge struct {
	calendar *claimCalendar
	counts   *claimCounts
	word     []byte // in which a word is put into capitals
	reasons  []lineReason
	// modifiers are those of the line that is being judged.
	modifiers [][]byte
}

// lineReason is something that is to be said of a line, and the status of the word
// that it is about: "" for no word, unchecked for words that were not looked at.
type lineReason struct{ status, text string }

const unchecked = "unchecked"

func newClaimJudge(calendar *claimCalendar) *claimJudge {
	return &claimJudge{calendar: calendar, counts: newClaimCounts()}
}

// aboutWord is what is said of a code or of a modifier.
type aboutWord struct {
	// As macro claim_status says, or wrongKind; "" for no word, then also for no day
	// of payment.
	now, then string
	stretch   *calendarStretch
	reason    string // why it is not valid now
}

// judge says what is to be said of a line.
func (j *claimJudge) judge(line *claimLine) (answer claimAnswer) {
	date, paid := bytes.TrimSpace(line.date), bytes.TrimSpace(line.paid)
	day := parseClaimDay(date)
	service := j.calendar.day(day)
	var payment *calendarDay
	if len(paid) > 0 {
		payment = j.calendar.day(parseClaimDay(paid))
	}
	switch {
	case len(date) == 0:
		return j.malformed("there is no date of service")
	case service == nil:
		return j.malformed("the date of service is no date")
	case len(paid) > 0 && payment == nil:
		return j.malformed("the day of payment is no date")
	}

	code := j.look(readWord(line.code), transform.Procedure, day, service, payment)
	answer.codeStatus, answer.codeStatusWhenPaid = code.now, code.then
	if code.stretch != nil {
		answer.since, answer.replacedBy, answer.attested, answer.description = code.stretch.since, code.stretch.replacedBy, code.stretch.attested, code.stretch.description
	}
	j.reasons = j.reasons[:0]
	switch {
	case code.now == "":
		j.reasons = append(j.reasons, lineReason{"", "there is no code"})
	case code.reason != "":
		j.reasons = append(j.reasons, lineReason{code.now, code.reason})
	}
	var now, then lineVerdict
	now.add(code.now)
	then.add(code.then)

	tooMany := j.readModifiers(line)
	for _, word := range j.modifiers {
		modifier := j.look(word, transform.Modifier, day, service, payment)
		now.add(modifier.now)
		answer.modifiers = join(answer.modifiers, string(j.word)+" "+modifier.now)
		if payment != nil {
			then.add(modifier.then)
			answer.modifiersWhenPaid = join(answer.modifiersWhenPaid, string(j.word)+" "+modifier.then)
		}
		switch modifier.now {
		case otherCodeSet:
		case wrongKind:
			j.reasons = append(j.reasons, lineReason{modifier.now, modifier.reason})
		default:
			if modifier.reason != "" {
				j.reasons = append(j.reasons, lineReason{modifier.now, "modifier " + modifier.reason})
			}
		}
	}
	if tooMany {
		now.add(unchecked)
		then.add(unchecked)
		j.reasons = append(j.reasons, lineReason{unchecked, reasonOfTooMany})
	}

	answer.verdict = now.verdict(code.now)
	answer.reason = reasonText(j.reasons)
	if payment != nil {
		answer.verdictWhenPaid = then.verdict(code.then)
		answer.releaseWhenPaid = payment.knownRelease
	}
	j.counts.add(&answer, j.reasons)
	return answer
}

// readModifiers reads the modifiers of a line, and tells whether there are more in
// one cell than are checked.
func (j *claimJudge) readModifiers(line *claimLine) (tooMany bool) {
	j.modifiers = j.modifiers[:0]
	for _, cell := range line.modifiers {
		cell = readWord(cell)
		switch {
		case len(cell) == 0:
		case isRunTogether(cell):
			for ; len(cell) > 0; cell = cell[2:] {
				j.modifiers = append(j.modifiers, cell[:2])
			}
		case line.together:
			j.modifiers = splitWords(cell, j.modifiers, mostTogether+1)
		default:
			j.modifiers = append(j.modifiers, cell)
		}
	}
	if tooMany = line.together && len(j.modifiers) > mostTogether; tooMany {
		j.modifiers = j.modifiers[:mostTogether]
	}
	return tooMany
}

func (j *claimJudge) malformed(reason string) claimAnswer {
	answer := claimAnswer{verdict: "malformed", reason: reason}
	j.counts.add(&answer, nil)
	return answer
}

func reasonText(reasons []lineReason) string {
	switch len(reasons) {
	case 0:
		return ""
	case 1:
		return reasons[0].text
	}
	texts := make([]string, len(reasons))
	for i := range reasons {
		texts[i] = reasons[i].text
	}
	return strings.Join(texts, "; ")
}

// look looks up a word without blanks around it, which it leaves in j.word in
// capitals, where a code of that kind belongs. There is no payment where the line
// has no day of it.
func (j *claimJudge) look(word []byte, kind transform.Kind, day transform.Date, service, payment *calendarDay) (about aboutWord) {
	if len(word) == 0 {
		return about
	}
	j.word = appendUpper(j.word[:0], word)
	known := j.calendar.codes[string(j.word)] // no text is made for a look-up
	if known != nil && known.kind != kind {
		about.now, about.reason = wrongKind, reasonOfWrongKind(j.word, known.kind)
		if payment != nil {
			about.then = wrongKind
		}
		return about
	}
	if about.stretch = known.on(day); about.stretch != nil {
		about.now, about.reason = about.stretch.status, about.stretch.reason
	} else {
		about.now = statusOfUnknown(j.word, service, knownNow)
		about.reason = reasonOfUnknown(j.word, about.now)
	}
	if payment != nil {
		if about.then = known.knownOn(day, payment.knownPlace); about.then == "" {
			about.then = statusOfUnknown(j.word, service, payment.knownPlace)
		}
	}
	return about
}

// otherCodeSet is the status of a code that is not HCPCS Level II.
const otherCodeSet = "other_code_set"

// wrongKind is the status of a modifier where a procedure code belongs, and the
// other way round: whatever the date, it can be none there.
const wrongKind = "wrong_kind"

func reasonOfWrongKind(word []byte, kind transform.Kind) string {
	if kind == transform.Modifier {
		return string(word) + " is a modifier, not a procedure code"
	}
	return string(word) + " is a procedure code, not a modifier"
}

// statusesOfUnknown are all that statusOfUnknown says.
var statusesOfUnknown = []string{otherCodeSet, "before_records", "unknown_code", "missing_release"}

// statusOfUnknown is macro status_of_unknown, for a word in capitals.
func statusOfUnknown(word []byte, service *calendarDay, place int32) string {
	switch {
	case isOfOtherCodeSet(word):
		return otherCodeSet
	case service.beforeRecords:
		return "before_records"
	case service.coveredBy <= place:
		return "unknown_code"
	}
	return "missing_release"
}

func reasonOfUnknown(word []byte, status string) string {
	switch status {
	case otherCodeSet:
		return string(word) + " is not HCPCS Level II (CPT or CDT): not for these files to say"
	case "before_records":
		return string(word) + ": the date is before what the loaded releases can tell"
	case "unknown_code":
		return string(word) + " is in no release"
	}
	return string(word) + ": the release for that date is not loaded"
}

// isOfOtherCodeSet tells what has the shape of a CPT code (four digits, and one
// more or a letter), a CDT code (D and four digits), a CPT modifier (two digits;
// 1P, 2P, 3P, 8P) or a physical status modifier (P1 to P6).
func isOfOtherCodeSet(word []byte) bool {
	switch len(word) {
	case 5:
		return allDigits(word[1:4]) &&
			(isDigit(word[0]) && (isDigit(word[4]) || word[4] >= 'A' && word[4] <= 'Z') || word[0] == 'D' && isDigit(word[4]))
	case 2:
		return allDigits(word) ||
			word[1] == 'P' && strings.IndexByte("1238", word[0]) >= 0 ||
			word[0] == 'P' && word[1] >= '1' && word[1] <= '6'
	}
	return false
}

// isBad tells whether a code with a status makes a line invalid.
func isBad(status string) bool {
	return status == "terminated" || status == "not_yet" || status == "unknown_code" || status == wrongKind
}

// isDoubtful tells whether a code with a status makes a line uncertain.
func isDoubtful(status string) bool {
	return status == "unlisted" || status == "before_records" || status == "missing_release" || status == unchecked
}

// lineVerdict tells whether any word of a line is bad or doubtful.
type lineVerdict struct{ bad, doubtful bool }

func (v *lineVerdict) add(status string) {
	v.bad = v.bad || isBad(status)
	v.doubtful = v.doubtful || isDoubtful(status)
}

// verdict is one word for a line, of what is said of its code and its modifiers.
func (v *lineVerdict) verdict(ofCode string) string {
	switch {
	case v.bad:
		return "invalid"
	case ofCode == "":
		return "no_code"
	case v.doubtful:
		return "uncertain"
	case ofCode == otherCodeSet:
		return otherCodeSet
	}
	return "valid"
}

func join(list, word string) string {
	if list == "" {
		return word
	}
	return list + ";" + word
}

// appendUpper appends a word in capitals, with blanks for control characters.
func appendUpper(to, word []byte) []byte {
	start := len(to)
	for _, b := range word {
		switch {
		case b >= utf8.RuneSelf:
			return append(to[:start], bytes.Map(upperOrBlank, word)...)
		case b < ' ':
			b = ' '
		case b >= 'a' && b <= 'z':
			b -= 'a' - 'A'
		}
		to = append(to, b)
	}
	return to
}

func upperOrBlank(r rune) rune {
	if r < ' ' {
		return ' '
	}
	return unicode.ToUpper(r)
}

// readWord takes off the blanks around a word, and what spreadsheets and data frames
// make of a column of numbers that has gaps: 59.0. What databases and data frames
// write for nothing is nothing.
func readWord(cell []byte) []byte {
	cell = bytes.TrimSpace(cell)
	if number, found := bytes.CutSuffix(cell, []byte(".0")); found && allDigits(number) {
		return number
	}
	for _, nothing := range [...]string{"NULL", "NONE", "NAN"} {
		if len(cell) == len(nothing) && strings.EqualFold(string(cell), nothing) {
			return nil
		}
	}
	return cell
}

// isRunTogether tells two, three or four modifiers with nothing between them.
func isRunTogether(cell []byte) bool {
	switch len(cell) {
	case 4, 6, 8:
		return bytes.IndexFunc(cell, func(r rune) bool { return !isOfWord(r) }) < 0
	}
	return false
}

// splitWords appends the words of a cell, up to so many: whatever is no letter or
// digit stands between them, and so does the .0 of a number.
func splitWords(cell []byte, words [][]byte, most int) [][]byte {
	for len(words) < most {
		start := bytes.IndexFunc(cell, isOfWord)
		if start < 0 {
			break
		}
		cell = cell[start:]
		word := beginning(cell)
		words = append(words, word)
		cell = cell[len(word):]
		if allDigits(word) && bytes.HasPrefix(cell, []byte(".0")) && len(beginning(cell[1:])) == 1 {
			cell = cell[2:]
		}
	}
	return words
}

// beginning gives the letters and digits at the beginning of a text.
func beginning(text []byte) []byte {
	if end := bytes.IndexFunc(text, func(r rune) bool { return !isOfWord(r) }); end >= 0 {
		return text[:end]
	}
	return text
}

func isOfWord(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

func allDigits(text []byte) bool {
	for _, b := range text {
		if !isDigit(b) {
			return false
		}
	}
	return len(text) > 0
}
