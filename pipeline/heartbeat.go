package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// The time that a call of the heartbeat may take, each of its tries by itself.
const (
	heartbeatTimeout = 10 * time.Second
	heartbeatTries   = 3
)

// heartbeat gives the address to be called after a complete run, "" for none.
func (c *Config) heartbeat() (string, error) {
	address, err := readSecret(c.Heartbeat.URL, "heartbeat.url_file", c.Heartbeat.URLFile)
	if err != nil {
		return "", err
	}
	if address != "" && !isAddress(address) {
		return "", fmt.Errorf("what heartbeat.url_file names (%s) is no address: write one that begins with https://", c.Heartbeat.URLFile)
	}
	return address, nil
}

// beat calls the heartbeat. The address often holds a token, so that errors name
// its host only. A redirect is not followed: the next one would be told the
// address. transport carries the calls; nil: HTTP with the environment's proxy.
func beat(ctx context.Context, address string, transport http.RoundTripper) error {
	parsed, err := url.Parse(address)
	if err != nil {
		return errors.New("calling the heartbeat: heartbeat.url is no address") // err quotes it
	}
	client := retryablehttp.NewClient()
	client.Logger = nil // it logs addresses
	client.RetryMax = heartbeatTries - 1
	client.HTTPClient.Timeout = heartbeatTimeout
	if transport != nil {
		client.HTTPClient.Transport = transport
	}
	client.HTTPClient.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	client.ErrorHandler = retryablehttp.PassthroughErrorHandler // its own names the address
	request, err := retryablehttp.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return errors.New("calling the heartbeat: heartbeat.url is no address") // err quotes it
	}
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("calling the heartbeat at %s: %w", parsed.Host, withoutAddress(err))
	}
	defer response.Body.Close()
	if _, err := io.CopyN(io.Discard, response.Body, 64<<10); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("calling the heartbeat at %s: %w", parsed.Host, withoutAddress(err))
	}
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("calling the heartbeat at %s: it answers %s", parsed.Host, response.Status)
	}
	return nil
}

// withoutAddress takes the address out of an error of package http.
func withoutAddress(err error) error {
	var wrapped *url.Error
	for errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return err
}
