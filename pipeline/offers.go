package pipeline

import (
	"context"
	"fmt"

	"github.com/hcpcstrack/hcpcstrack/extract"
)

// SiteOffers lists what the source's page offers, and what of it was had
// already, without downloading anything.
func SiteOffers(ctx context.Context, config Config, around Surroundings) ([]extract.Listed, error) {
	if !IsSite(config.Source) {
		return nil, fmt.Errorf("listing what %s offers: it is no page; name cms or the address of one with --source", config.Source)
	}
	archive, err := extract.OpenArchive(config.Paths().Archive)
	if err != nil {
		return nil, err
	}
	return extract.ListSite(ctx, config.site(archive, around))
}
