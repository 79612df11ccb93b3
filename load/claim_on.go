package load

import (
	"context"
	"fmt"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
	statements "github.com/hcpcstrack/hcpcstrack/sql"
	"github.com/hcpcstrack/hcpcstrack/transform"
)

// ClaimOn is what is to be said of a code on a claim with a date of service.
type ClaimOn struct {
	Status string // as macro claim_status says
	// Valid is as macro is_valid says: nil where nobody can tell.
	Valid *bool
}

// ClaimOn says of a code in upper case what the macros say, as known at a loaded
// release.
func (p *Published) ClaimOn(ctx context.Context, code string, date transform.Date, known release.ID) (ClaimOn, error) {
	var on ClaimOn
	var valid string
	row := p.db.conn.QueryRowContext(ctx, statements.Statement("claim_on"), code, date.String(), known.String())
	if err := row.Scan(&on.Status, &valid); err != nil {
		return on, fmt.Errorf("asking for %s on %s: %w", code, date, err)
	}
	if valid != "" {
		was := valid == "true"
		on.Valid = &was
	}
	return on, nil
}
