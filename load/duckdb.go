package load

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	// The driver under its present name: github.com/marcboeker/go-duckdb moved
	// there. No other file imports it.
	duckdb "github.com/duckdb/duckdb-go/v2"

	statements "github.com/hcpcstrack/hcpcstrack/sql"
)

// Resources bound what DuckDB may take of the machine; its own default is most
// of it.
type Resources struct {
	// MemoryLimit as DuckDB writes it: "256MB".
	MemoryLimit string
	// TemporaryFolder is where it puts what does not fit.
	TemporaryFolder string
	// Threads is on how many of them it works; 0: as many as there are cores.
	Threads int
}

// DefaultMemoryLimit holds every query of the program with room to spare.
const DefaultMemoryLimit = "256MB"

var memoryLimit = regexp.MustCompile(`(?i)^[1-9][0-9]* ?([kmgt](i?b)?|b)$`)

// IsMemoryLimit tells whether DuckDB takes a text as a memory limit: a number and a
// unit, such as 256MB, 1 GiB or 2g.
func IsMemoryLimit(text string) bool { return memoryLimit.MatchString(text) }

// noFile in place of a file's name stands for none.
const noFile = ":memory:"

// database is an empty DuckDB in memory, to which files are attached by name,
// and its one connection: statements, transactions and appenders share it.
type database struct {
	pool        *sql.DB
	conn        *sql.Conn
	memoryLimit string
}

func openDatabase(ctx context.Context, resources Resources) (*database, error) {
	settings := url.Values{}
	memoryLimit := cmp.Or(resources.MemoryLimit, DefaultMemoryLimit)
	settings.Set("memory_limit", memoryLimit)
	settings.Set("temp_directory", resources.TemporaryFolder)
	if resources.Threads > 0 {
		settings.Set("threads", strconv.Itoa(resources.Threads))
	}
	settings.Set("autoinstall_known_extensions", "false")
	settings.Set("autoload_known_extensions", "false")
	connector, err := duckdb.NewConnector(":memory:?"+settings.Encode(), nil)
	if err != nil {
		return nil, fmt.Errorf("starting DuckDB: %w", err)
	}
	pool := sql.OpenDB(connector)
	conn, err := pool.Conn(ctx)
	if err != nil {
		pool.Close()
		return nil, fmt.Errorf("starting DuckDB: %w", err)
	}
	return &database{pool: pool, conn: conn, memoryLimit: memoryLimit}, nil
}

// giveBack has DuckDB give memory back to the system that it holds for later: pages of
// files, and several times as much that it has freed. It does so where it is allowed less.
// Where it needs more at the moment, or cannot put elsewhere what it holds, it gives what
// it can: that is no error.
func (d *database) giveBack(ctx context.Context) error {
	limit, err := statements.Literal(d.memoryLimit) // SET takes no parameters
	if err != nil {
		return err
	}
	_, _ = d.conn.ExecContext(ctx, `SET memory_limit = '16MB'`)
	_, err = d.conn.ExecContext(context.WithoutCancel(ctx), `SET memory_limit = `+limit)
	return errors.Join(ctx.Err(), err)
}

func (d *database) close() error {
	return errors.Join(d.conn.Close(), d.pool.Close())
}

// attach opens a DuckDB file under a name of the program's own, and makes it
// the one that unqualified names mean.
func (d *database) attach(ctx context.Context, file, name, options string) error {
	if err := d.open(ctx, file, name, options); err != nil {
		return err
	}
	if err := d.use(ctx, name); err != nil {
		return errors.Join(err, d.detach(context.WithoutCancel(ctx), name))
	}
	return nil
}

// open does so, and leaves alone what unqualified names mean: where writing the file fails,
// DuckDB closes it to all statements, those that leave it included.
func (d *database) open(ctx context.Context, file, name, options string) error {
	if file != noFile {
		// A relative name that begins with a word and a colon would be taken for
		// another kind of database.
		absolute, err := filepath.Abs(file)
		if err != nil {
			return err
		}
		file = absolute
	}
	literal, err := statements.Literal(file) // ATTACH takes no parameters
	if err != nil {
		return err
	}
	_, err = d.conn.ExecContext(ctx, "ATTACH "+literal+" AS "+name+options)
	return err
}

func (d *database) use(ctx context.Context, name string) error {
	_, err := d.conn.ExecContext(ctx, "USE "+name)
	return err
}

func (d *database) detach(ctx context.Context, name string) error {
	_, err := d.conn.ExecContext(ctx, "DETACH "+name)
	return err
}

// execute runs a statement by its name, which takes no arguments.
func (d *database) execute(ctx context.Context, name string) error {
	if err := d.script(ctx, statements.Statement(name)); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// script runs statements, whatever they give. As a query, they have one watch kept over
// the context; otherwise one begins and ends for each, which takes as long as most of
// them.
func (d *database) script(ctx context.Context, text string) error {
	rows, err := d.conn.QueryContext(ctx, text)
	if err != nil {
		return err
	}
	return rows.Close()
}

// damageWords are those by which DuckDB says that a file is not what it wrote.
var damageWords = []string{"not a valid DuckDB database", "Could not read enough bytes", "Corrupt", "checksum", "Failed to deserialize", "deserialization"}

// IsDamaged tells whether an error of this package says that a database's file is
// damaged: no database, or no whole one. DuckDB finds that out when it first reads
// the place, which can be at any time.
func IsDamaged(err error) bool {
	var problem *duckdb.Error
	if !errors.As(err, &problem) {
		return false
	}
	return slices.ContainsFunc(damageWords, func(words string) bool { return strings.Contains(problem.Msg, words) })
}

// IsOutOfMemory tells whether an error of this package says that DuckDB had not the
// memory for what it was asked.
func IsOutOfMemory(err error) bool {
	var problem *duckdb.Error
	return errors.As(err, &problem) && strings.Contains(problem.Msg, "Out of Memory Error")
}

// askingKinds are the kinds of statements that leave all files alone, since the
// one that is attached is open for reading only. The others write files or read them
// (COPY, EXPORT), open and close databases, load code, or hide another statement.
var askingKinds = map[duckdb.StmtType]bool{
	duckdb.STATEMENT_TYPE_SELECT:       true,
	duckdb.STATEMENT_TYPE_VARIABLE_SET: true, duckdb.STATEMENT_TYPE_SET: true, // of what lock_down.sql leaves open
	duckdb.STATEMENT_TYPE_CREATE: true, duckdb.STATEMENT_TYPE_CREATE_FUNC: true, duckdb.STATEMENT_TYPE_ALTER: true, duckdb.STATEMENT_TYPE_DROP: true,
	duckdb.STATEMENT_TYPE_INSERT: true, duckdb.STATEMENT_TYPE_UPDATE: true, duckdb.STATEMENT_TYPE_DELETE: true, // in tables of its own
	duckdb.STATEMENT_TYPE_TRANSACTION: true,
}

// kindNames name those that somebody may try.
var kindNames = map[duckdb.StmtType]string{
	duckdb.STATEMENT_TYPE_COPY: "COPY", duckdb.STATEMENT_TYPE_EXPORT: "EXPORT", duckdb.STATEMENT_TYPE_LOAD: "INSTALL or LOAD",
	duckdb.STATEMENT_TYPE_ATTACH: "ATTACH", duckdb.STATEMENT_TYPE_DETACH: "DETACH", duckdb.STATEMENT_TYPE_PREPARE: "PREPARE",
	duckdb.STATEMENT_TYPE_EXECUTE: "EXECUTE", duckdb.STATEMENT_TYPE_CALL: "CALL or CHECKPOINT", duckdb.STATEMENT_TYPE_EXPLAIN: "EXPLAIN of EXPLAIN",
	duckdb.STATEMENT_TYPE_VACUUM: "VACUUM or ANALYZE", duckdb.STATEMENT_TYPE_PRAGMA: "a PRAGMA that sets something",
}

// kindOf tells the kind of one statement, and whether it does no more than ask. The
// statement is not carried out.
func (d *database) kindOf(ctx context.Context, statement string) (name string, asks bool, err error) {
	err = d.conn.Raw(func(driverConn any) error {
		prepared, err := driverConn.(*duckdb.Conn).PrepareContext(ctx, statement)
		if err != nil {
			return err
		}
		kind, err := prepared.(*duckdb.Stmt).StatementType()
		name, asks = kindNames[kind], askingKinds[kind]
		if name == "" {
			name = "a statement of another kind"
		}
		return errors.Join(err, prepared.Close())
	})
	return name, asks, err
}

// appendRows writes rows to a table through DuckDB's appender, inside the
// transaction that the connection is in. They are copied one by one; a NULL list is an
// untyped nil, since the appender takes a nil []string for an empty list.
func (d *database) appendRows(ctx context.Context, catalog, table string, rows iter.Seq[[]driver.Value]) error {
	return d.conn.Raw(func(driverConn any) error {
		appender, err := duckdb.NewAppender(driverConn.(driver.Conn), catalog, "main", table)
		if err != nil {
			return fmt.Errorf("writing table %s: %w", table, err)
		}
		count := 0
		for row := range rows {
			if count%1024 == 0 && ctx.Err() != nil {
				closeQuietly(appender)
				return ctx.Err()
			}
			count++
			if err := appender.AppendRow(row...); err != nil {
				closeQuietly(appender)
				return fmt.Errorf("writing table %s: %w", table, err)
			}
		}
		if err := appender.Close(); err != nil {
			return fmt.Errorf("writing table %s: %w", table, err)
		}
		return nil
	})
}

// closeQuietly ends an appender whose rows are to be forgotten: the transaction
// around it is rolled back, and what closing says is of no use.
func closeQuietly(appender *duckdb.Appender) { _ = appender.Close() }

// inTransaction runs work in one transaction. A rollback is carried out even
// when the context has ended. A beginning that is interrupted can leave a transaction
// behind that nobody ends: it is not interrupted, and takes no time.
func (d *database) inTransaction(ctx context.Context, work func() error) error {
	err := ctx.Err()
	if err == nil {
		_, err = d.conn.ExecContext(context.WithoutCancel(ctx), "BEGIN TRANSACTION")
	}
	if err != nil {
		return fmt.Errorf("starting a transaction: %w", err)
	}
	if err := work(); err != nil {
		if _, rollback := d.conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK"); rollback != nil {
			return errors.Join(err, fmt.Errorf("undoing it: %w", rollback))
		}
		return err
	}
	if _, err := d.conn.ExecContext(context.WithoutCancel(ctx), "COMMIT"); err != nil {
		return fmt.Errorf("committing: %w", err)
	}
	return nil
}

// connect gives a connection of its own to the same files, for another goroutine.
func (d *database) connect(ctx context.Context) (*database, error) {
	conn, err := d.pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &database{pool: d.pool, conn: conn, memoryLimit: d.memoryLimit}, nil
}

// disconnect gives such a connection back.
func (d *database) disconnect(ctx context.Context) error {
	return errors.Join(d.use(context.WithoutCancel(ctx), "memory"), d.conn.Close())
}

// readTexts reads the one column of a query; NULL is "".
func (d *database) readTexts(ctx context.Context, query string, arguments ...any) ([]string, error) {
	rows, err := d.conn.QueryContext(ctx, query, arguments...)
	if err != nil {
		return nil, err
	}
	defer rows.Close() // after reading, nothing can be lost
	var texts []string
	for rows.Next() {
		var text *string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		if text == nil {
			text = new(string)
		}
		texts = append(texts, *text)
	}
	return texts, rows.Err()
}

// addTextFunction makes an SQL function of texts that gives a text. DuckDB calls
// start for every few thousand rows, from several goroutines at once; the answer
// it gives is called with the arguments of each row, NULL being "", and appends
// the text; done is called after the last. The arguments are valid during the
// call only.
func (d *database) addTextFunction(name string, arguments int, start func() (answer func(arguments []string, to []byte) []byte, done func())) error {
	varchar, err := duckdb.NewTypeInfo(duckdb.TYPE_VARCHAR)
	if err != nil {
		return err
	}
	return duckdb.RegisterScalarUDF(d.conn, name, &textFunction{arguments: arguments, varchar: varchar, start: start})
}

type textFunction struct {
	arguments int
	varchar   duckdb.TypeInfo
	start     func() (answer func(arguments []string, to []byte) []byte, done func())
}

func (f *textFunction) Config() duckdb.ScalarFuncConfig {
	return duckdb.ScalarFuncConfig{
		InputTypeInfos: slices.Repeat([]duckdb.TypeInfo{f.varchar}, f.arguments), ResultTypeInfo: f.varchar,
		Volatile: true, SpecialNullHandling: true,
	}
}

func (f *textFunction) Executor() duckdb.ScalarFuncExecutor {
	return duckdb.ScalarFuncExecutor{ChunkContextExecutor: f.run}
}

func (f *textFunction) run(_ context.Context, chunk *duckdb.ChunkIteratorState) error {
	input := chunk.GetInputChunk()
	views := make([]duckdb.VectorView[string], f.arguments)
	for i := range views {
		vector, err := input.GetVector(i)
		if err != nil {
			return err
		}
		if views[i], err = duckdb.GetVectorView[string](vector); err != nil {
			return err
		}
	}
	results, err := duckdb.GetVectorWriter[string](chunk.GetResultVector())
	if err != nil {
		return err
	}
	answer, done := f.start()
	defer done()
	arguments := make([]string, f.arguments)
	var text []byte
	for row := range input.GetSize() {
		for i, view := range views {
			// The text of NULL is "".
			if arguments[i], _, err = view.GetValueBorrowed(row); err != nil {
				return err
			}
		}
		text = answer(arguments, text[:0])
		if err := results.Set(row, string(text)); err != nil {
			return err
		}
	}
	return nil
}
