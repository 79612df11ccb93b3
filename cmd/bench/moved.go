package main

import (
	"fmt"
	"strings"
)

// A figure has moved when all of its values lie outside the range of the
// committed ones, and by more than this share: what the same program gives on a
// quiet machine lies within it.
var leastMove = map[string]float64{
	relative:   0.10,
	peakMemory: 0.10,
	fileBytes:  0.02,
}

// moved is a figure that is not what it was.
type moved struct {
	name, unit string
	was, is    float64 // medians
}

// share is how much it is more than it was, negative where it is less.
func (m moved) share() float64 { return m.is/m.was - 1 }

// compareFigures gives what moved by more than noise since the committed
// figures, in the order of the new ones. Times are compared as multiples of the
// reference, memory and sizes as they are.
func compareFigures(committed, now *figures) []moved {
	var all []moved
	for _, name := range now.names {
		for _, unit := range []string{relative, peakMemory, fileBytes} {
			was, is := committed.of(name, unit), now.of(name, unit)
			if len(was) == 0 || len(is) == 0 {
				continue
			}
			if is.least() > was.most()*(1+leastMove[unit]) || is.most() < was.least()*(1-leastMove[unit]) {
				all = append(all, moved{name, unit, was.median(), is.median()})
			}
		}
	}
	return all
}

// absent counts the names that are measured now and have no committed figure.
func absent(committed, now *figures) (count int) {
	for _, name := range now.names {
		if committed.values[name] == nil {
			count++
		}
	}
	return count
}

// describeMoves says in words what moved.
func describeMoves(committed, now *figures) string {
	var text strings.Builder
	fmt.Fprintf(&text, "Against the committed figures (%s, %s):\n", committed.get("commit"), committed.get("machine"))
	if committed.get("machine") != now.get("machine") {
		fmt.Fprintf(&text, "They were measured on another machine than this one (%s): disks and cores differ, read with care.\n", now.get("machine"))
	}
	all := compareFigures(committed, now)
	if len(all) == 0 {
		text.WriteString("Nothing moved by more than noise.\n")
	}
	for _, one := range all {
		fmt.Fprintf(&text, "- %s: %s %s%%, from %s to %s\n", one.name, whatOf[one.unit], signed(100*one.share()), written(one.was, one.unit), written(one.is, one.unit))
	}
	if count := absent(committed, now); count > 0 {
		fmt.Fprintf(&text, "%d of the %d names measured are not among them: they are of another form, or new.\n", count, len(now.names))
	}
	return text.String()
}

var whatOf = map[string]string{relative: "time", peakMemory: "peak memory", fileBytes: "size"}

func signed(value float64) string { return fmt.Sprintf("%+.0f", value) }
