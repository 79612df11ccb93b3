package load

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// ErrNoQuestion says that a statement does more than ask: it would write a file,
// open or close a database, or change what the program relies on.
var ErrNoQuestion = errors.New("a question can read the published file, and can keep tables of its own while it is answered; it cannot write files, open or close databases, log, or carry out statements out of texts")

// Ask asks a question in SQL, of one statement or several: the rows are those of
// the last. The answer has to be closed. The error is an ErrNoQuestion where a
// statement does more than ask.
//
// That no other file is read is DuckDB's to see to (lock_down.sql). But it lets
// whoever may read an attached file write it by COPY, or attach it anew, and its
// folder for temporary files is open to all statements: those that write files are
// therefore refused by their kind.
func (p *Published) Ask(ctx context.Context, question string) (*Answer, error) {
	statements := splitStatements(question)
	if len(statements) == 0 {
		return nil, errors.New("the question has no statement")
	}
	for _, statement := range statements[:len(statements)-1] {
		if err := p.asksOnly(ctx, statement); err != nil {
			return nil, err
		}
		if _, err := p.db.conn.ExecContext(ctx, statement); err != nil {
			return nil, err
		}
	}
	last := statements[len(statements)-1]
	if err := p.asksOnly(ctx, last); err != nil {
		return nil, err
	}
	rows, err := p.db.conn.QueryContext(ctx, last)
	if err != nil {
		return nil, err
	}
	answer := &Answer{rows: rows}
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, errors.Join(err, rows.Close())
	}
	for _, t := range types {
		answer.Columns = append(answer.Columns, t.Name())
		answer.Types = append(answer.Types, t.DatabaseTypeName())
	}
	return answer, nil
}

// explaining begins a statement that explains another, and may carry it out.
var explaining = regexp.MustCompile(`(?is)^EXPLAIN\b\s*(ANALY[ZS]E\b)?\s*(\(\s*(ANALY[ZS]E|FORMAT)\b[^()]*\)\s*)?`)

// beyondAsking are functions that do more than answer. A log that may not be written
// where it is to go ends the process; the others carry out what a text says, which can
// be put together when nobody looks at it any more.
var beyondAsking = []string{"enable_logging", "query", "json_execute_serialized_sql"}

// asksOnly gives an error unless a statement does no more than ask.
func (p *Published) asksOnly(ctx context.Context, statement string) error {
	if name := calls(statement, beyondAsking); name != "" {
		return fmt.Errorf("%s: %w", name, ErrNoQuestion)
	}
	kind, asks, err := p.db.kindOf(ctx, explaining.ReplaceAllString(statement, ""))
	if err == nil && !asks {
		err = fmt.Errorf("%s: %w", kind, ErrNoQuestion)
	}
	return err
}

// calls gives the first of some functions that a statement calls, "" for none.
func calls(statement string, functions []string) string {
	last := ""
	for at := 0; at < len(statement); {
		end := tokenEnd(statement, at)
		token := statement[at:end]
		at = end
		if passedOver(token) {
			continue
		}
		if token == "(" && slices.Contains(functions, last) {
			return last
		}
		last = strings.ToLower(strings.ReplaceAll(strings.Trim(token, `"`), `""`, `"`))
	}
	return ""
}

// splitStatements gives the statements of a text, each without the comments and
// blanks in front of it. What is quoted, and what is a comment, parts nothing.
func splitStatements(text string) (statements []string) {
	start := 0 // of the statement; behind what was passed over in front of it
	begun := false
	for at := 0; at < len(text); {
		end := tokenEnd(text, at)
		switch token := text[at:end]; {
		case token == ";":
			if begun {
				statements = append(statements, text[start:at])
			}
			begun = false
		case !begun && !passedOver(token):
			start, begun = at, true
		}
		at = end
	}
	if begun {
		statements = append(statements, text[start:])
	}
	return statements
}

// passedOver tells whether a token is white space or a comment.
func passedOver(token string) bool {
	return strings.TrimSpace(token) == "" || strings.HasPrefix(token, "--") || strings.HasPrefix(token, "/*")
}

// dollarQuote begins a text between dollar signs.
var dollarQuote = regexp.MustCompile(`^\$([A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*)?\$`)

// tokenEnd gives where the token that begins at a place ends: a quoted text, a
// comment, a word, or one byte of anything else. What is not closed goes to the end.
func tokenEnd(text string, at int) int {
	rest := text[at:]
	switch first := text[at]; {
	case strings.HasPrefix(rest, "--"):
		if length := strings.IndexAny(rest, "\n\r"); length >= 0 {
			return at + length
		}
		return len(text)
	case strings.HasPrefix(rest, "/*"):
		return commentEnd(text, at)
	case first == '\'' || first == '"':
		return quoteEnd(text, at, first, false)
	case first == '$':
		if quote := dollarQuote.FindString(rest); quote != "" {
			if length := strings.Index(rest[len(quote):], quote); length >= 0 {
				return at + len(quote) + length + len(quote)
			}
			return len(text)
		}
	case isWord(first):
		end := at + 1
		for end < len(text) && (isWord(text[end]) || text[end] == '$') {
			end++
		}
		if strings.EqualFold(text[at:end], "E") && end < len(text) && text[end] == '\'' {
			return quoteEnd(text, end, '\'', true)
		}
		return end
	}
	return at + 1
}

// isWord tells whether a byte can stand in a name or a number.
func isWord(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= 0x80
}

// commentEnd gives the end of a comment that can hold others.
func commentEnd(text string, at int) int {
	depth := 0
	for at < len(text) {
		switch {
		case strings.HasPrefix(text[at:], "/*"):
			depth++
			at += 2
		case strings.HasPrefix(text[at:], "*/"):
			depth--
			at += 2
			if depth == 0 {
				return at
			}
		default:
			at++
		}
	}
	return at
}

// quoteEnd gives the end of a quoted text, in which a quote stands twice or, where
// escapes count, after a backslash.
func quoteEnd(text string, at int, quote byte, escapes bool) int {
	for at++; at < len(text); at++ {
		switch {
		case escapes && text[at] == '\\':
			at++
		case text[at] == quote && at+1 < len(text) && text[at+1] == quote:
			at++
		case text[at] == quote:
			return at + 1
		}
	}
	return len(text)
}
