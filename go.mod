module github.com/hcpcstrack/hcpcstrack

go 1.26.0

require (
	github.com/PuerkitoBio/goquery v1.13.0 // CMS's page, as it is found in the wild
	github.com/chromedp/cdproto v0.159.0 // with chromedp, in tests
	github.com/chromedp/chromedp v0.23.0 // tests of the report in a real browser
	// DuckDB. It is go-duckdb under its present name: github.com/marcboeker/go-duckdb
	// moved there, and stopped at DuckDB 1.4.1, whose support has ended.
	github.com/duckdb/duckdb-go/v2 v2.10506.0
	github.com/emersion/go-sasl v0.0.0-20241020182733-b788ff22d5a6 // with go-smtp, in tests
	github.com/emersion/go-smtp v0.25.1 // the mail server of the tests
	github.com/gofrs/flock v0.13.2 // one run at a time, over processes; whose file beside a result it is
	github.com/hashicorp/go-retryablehttp v0.7.8 // tries and waits of downloads
	github.com/jedib0t/go-pretty/v6 v6.8.3 // tables for people
	github.com/klauspost/compress v1.20.1 // archive/zip, quicker at both ways: to unpack is a sixth of a backfill
	github.com/prometheus/client_golang v1.25.0 // the metrics file
	github.com/robfig/cron/v3 v3.0.1 // cron expressions; its own zones are not used (pipeline/timetable.go)
	github.com/rogpeppe/go-internal v1.16.0 // testscript: tests of the commands that read as a manual
	github.com/spf13/cobra v1.10.2 // commands, flags, help, completion
	github.com/spf13/pflag v1.0.9 // with cobra: which flags were given
	github.com/stretchr/testify v1.12.1 // require, in tests
	github.com/vbauerster/mpb/v8 v8.16.2 // progress bars
	github.com/wneessen/go-mail v0.8.1 // messages, and the way to the mail server
	github.com/xuri/excelize/v2 v2.11.1 // workbooks of reports; in tests, against the project's own reader
	go.yaml.in/yaml/v3 v3.0.6 // the configuration; it refuses unknown keys
	golang.org/x/net v0.62.0 // telling what a page is in, HTML above all
	golang.org/x/perf v0.0.0-20260908200009-22c9c6c9d4da // reading and writing the Go benchmark format, in cmd/bench
	golang.org/x/sys v0.49.0 // pseudo-terminals, in tests
	golang.org/x/term v0.47.0 // the width of a terminal
	golang.org/x/text v0.43.0 // Windows 1252, CMS's encoding
	pgregory.net/rapid v1.3.0 // property tests
	znkr.io/diff v1.0.1 // word differences of descriptions
)

require (
	github.com/VividCortex/ewma v1.2.0 // indirect
	github.com/acarl005/stripansi v0.0.0-20180116102854-5a71ef0e047d // indirect
	github.com/aclements/go-moremath v0.0.0-20210112150236-f10218a38794 // indirect
	github.com/andybalholm/cascadia v1.3.4 // indirect
	github.com/apache/arrow-go/v18 v18.5.1 // indirect
	github.com/beorn7/perks v1.0.1 // indirect
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/clipperhouse/uax29/v2 v2.7.0 // indirect
	github.com/duckdb/duckdb-go-bindings v0.10506.0 // indirect
	github.com/duckdb/duckdb-go-bindings/lib/darwin-amd64 v0.10506.0 // indirect
	github.com/duckdb/duckdb-go-bindings/lib/darwin-arm64 v0.10506.0 // indirect
	github.com/duckdb/duckdb-go-bindings/lib/linux-amd64 v0.10506.0 // indirect
	github.com/duckdb/duckdb-go-bindings/lib/linux-arm64 v0.10506.0 // indirect
	github.com/duckdb/duckdb-go-bindings/lib/windows-amd64 v0.10506.0 // indirect
	github.com/go-json-experiment/json v0.0.0-20260213210345-44df1a37e875 // indirect
	github.com/go-viper/mapstructure/v2 v2.5.0 // indirect
	github.com/goccy/go-json v0.10.5 // indirect
	github.com/google/flatbuffers v25.12.19+incompatible // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/hashicorp/go-cleanhttp v0.5.2 // indirect
	github.com/inconshreveable/mousetrap v1.1.0 // indirect
	github.com/klauspost/cpuid/v2 v2.3.0 // indirect
	github.com/kylelemons/godebug v1.1.0 // indirect
	github.com/mattn/go-runewidth v0.0.30 // indirect
	github.com/munnerz/goautoneg v0.0.0-20191010083416-a7dc8b61c822 // indirect
	github.com/pierrec/lz4/v4 v4.1.25 // indirect
	github.com/prometheus/client_model v0.6.3 // indirect
	github.com/prometheus/common v0.72.0 // indirect
	github.com/prometheus/procfs v0.22.0 // indirect
	github.com/richardlehane/mscfb v1.0.9 // indirect
	github.com/richardlehane/msoleps v1.0.6 // indirect
	github.com/tiendc/go-deepcopy v1.7.2 // indirect
	github.com/vbauerster/cupwriter v0.0.5 // indirect
	github.com/xuri/efp v0.0.3-0.20260924042702-217b81952dec // indirect
	github.com/xuri/nfp v0.0.2-0.20250530014748-2ddeb826f9a9 // indirect
	github.com/zeebo/xxh3 v1.1.0 // indirect
	golang.org/x/crypto v0.58.0 // indirect
	golang.org/x/exp v0.0.0-20260824195058-e88cd73687aa // indirect
	golang.org/x/mod v0.41.0 // indirect
	golang.org/x/sync v0.24.0 // indirect
	golang.org/x/telemetry v0.0.0-20260924152758-ed294f943157 // indirect
	golang.org/x/tools v0.51.0 // indirect
	golang.org/x/xerrors v0.0.0-20240903120638-7835f813f4da // indirect
	google.golang.org/protobuf v1.36.12 // indirect
)
