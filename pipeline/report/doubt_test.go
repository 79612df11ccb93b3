package report_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hcpcstrack/hcpcstrack/transform"
)

// Between two quarters that follow each other no update can have announced an
// addition: where CMS declares nothing, it was silent.
func TestSilentAdditionsAreListed(t *testing.T) {
	added := code("C0001", "N", "2020-02-10", transform.CodeAddedDate, "2020-02-10")
	s := series{}
	s.release(t, "2020Q1", code("A0001", "N", ""))
	s.release(t, "2020Q2", added)
	r := on(t, s.publish(t), "2020Q2r1")
	require.Equal(t, "declares nothing", row(t, r, "agreement", "", "C0001")["So CMS"].Text)
	require.Len(t, r.Section("agreement").Intro, 1, "nothing is explained away")
}

func TestAdditionsOfTheYearBetween(t *testing.T) {
	s := series{}
	s.release(t, "2018Q1", code("A0001", "N", ""))
	s.release(t, "2019Q1", code("C0001", "N", "2018-07-01", transform.CodeAddedDate, "2018-07-01"))
	s.release(t, "2020Q1")
	s.release(t, "2020Q2", code("C0002", "N", "2020-02-10", transform.CodeAddedDate, "2020-02-10"))
	published := s.publish(t)
	require.Equal(t, []string{
		"Every action that CMS declares agrees with its data, but for what follows.",
		"1 added code took effect before the quarter and is no longer declared as added, mostly since a quarterly update in between, which is not in hand, was the first to say so.",
	}, on(t, published, "2019Q1r1").Section("agreement").Intro)
	several := on(t, published, "2019Q1r1", "2020Q1r1", "2020Q2r1")
	require.Equal(t, []string{"C0002"}, codesIn(several, "agreement", ""), "of each release by itself")
}

// What is silent is counted, even where it is only typography.
func TestSilentTypographyIsCounted(t *testing.T) {
	shout := func(name string) edit {
		return code(name, "N", "", transform.LongDescription, strings.ToUpper("Something carried for those who need it, item "+name))
	}
	s := series{}
	s.release(t, "2020Q1", code("A0001", "N", ""), code("A0002", "N", ""), code("A0003", "N", "", transform.ProcessingNote, "0000"), code("A0004", "N", ""))
	s.release(t, "2020Q2")
	s.release(t, "2020Q3", code("A0001", "N", "2020-07-01"))
	s.release(t, "2020Q4", shout("A0001"), shout("A0002"), code("A0003", "N", "", transform.ProcessingNote, ""))
	s.release(t, "2021Q1", code("A0001", "N", "", transform.LongDescription, "something carried for those who need it, item A0001"),
		code("A0004", "N", "", transform.PricingIndicators, "11"))
	published := s.publish(t)
	const agree = "Every action that CMS declares agrees with its data"

	require.Equal(t, agree+", and nothing was changed silently.", on(t, published, "2020Q2r1").Section("agreement").Empty)
	require.Equal(t, []string{agree + ", and nothing was changed silently.", "Of 1 code only the action effective date moved, which changes nothing."},
		on(t, published, "2020Q3r1").Section("agreement").Intro)
	r := on(t, published, "2020Q4r1")
	require.Empty(t, r.Section("agreement").Empty)
	require.Equal(t, []string{
		agree + ", but for what follows.",
		"In 2 codes, not listed, only letter case, blanks, punctuation or lost characters changed.",
		"In 1 code, not listed, only processing note 0000, which stands for none, came or went.",
	}, r.Section("agreement").Intro)
	r = on(t, published, "2021Q1r1")
	require.Equal(t, []string{"A0004"}, codesIn(r, "agreement", ""))
	require.Equal(t, "In 1 more code, not listed, only letter case, blanks, punctuation or lost characters changed.", r.Section("agreement").Intro[1])
}

// CMS's actions speak of one quarter against the one before: a revision that corrects
// what it added repeats A, and contradicts nothing by that.
func TestActionsOfARevisionSpeakOfTheQuarterBefore(t *testing.T) {
	s := series{}
	s.release(t, "2020Q1", code("A0001", "N", ""), code("A0002", "N", ""))
	s.release(t, "2020Q2r1", code("A0003", "A", "2020-04-01", transform.CodeAddedDate, "2020-04-01"), code("A0001", "C", "2020-04-01", transform.LongDescription, "Something else, carried"))
	s.release(t, "2020Q2r2", code("A0003", "A", "2020-04-01", transform.LongDescription, "Something corrected"), code("A0001", "C", "2020-04-01"),
		code("A0002", "C", "2020-04-01", transform.PricingIndicators, "11"))
	r := on(t, s.publish(t), "2020Q2r2")
	require.Equal(t, []string{"A0002"}, codesIn(r, "agreement", ""))
	require.Contains(t, r.Section("agreement").Intro, "1 code that changed here carries the action that the revision before declared: it speaks of what changed since the quarter before.")
}
