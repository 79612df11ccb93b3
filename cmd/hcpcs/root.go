package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hcpcstrack/hcpcstrack/load"
	"github.com/hcpcstrack/hcpcstrack/pipeline"
)

// app is what the commands share: the settings, where to print, and the log.
type app struct {
	surroundings
	flags  commonFlags
	config pipeline.Config
	log    *slog.Logger
	// logLevel is what a command logs where it is to be neither quiet nor verbose.
	logLevel slog.Level
	out      *bufio.Writer // standard output
	// sourceGiven tells that the source was named by a flag.
	sourceGiven bool
	// acting tells that a command's own work has begun: an error before that is
	// one of usage.
	acting bool
}

// commonFlags are the flags that are settings; every command takes most of them.
type commonFlags struct {
	dataDir, config, source, format, logFormat string
	mailToDir                                  string // of run and report
	quiet, verbose                             bool
	cron, zone                                 string // of schedule
}

// execute runs one command line, and gives the exit code.
func execute(ctx context.Context, around surroundings) int {
	a := &app{surroundings: around, out: bufio.NewWriter(around.stdout), log: slog.New(slog.DiscardHandler), logLevel: slog.LevelWarn}
	root := a.rootCommand()
	root.SetArgs(around.arguments)
	root.SetIn(around.stdin)
	root.SetOut(a.out)
	root.SetErr(around.stderr)
	command, err := root.ExecuteContextC(ctx)
	if err != nil && !a.acting {
		err = asUsage(err)
	}
	if flushed := a.out.Flush(); flushed != nil {
		err = errors.Join(err, fmt.Errorf("%w: %w", errResult, flushed))
	}
	return a.conclude(ctx, command, err)
}

func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "hcpcs",
		Short: "HCPCS Level II: what changed, from when, and what a code meant on a date",
		Long: `hcpcs loads CMS's quarterly HCPCS Level II releases, works out what changed from
each one to the next and from which day it holds, and keeps the whole history in
a DuckDB file that analysts query.

Results go to standard output, everything else to standard error. Every common
flag can also be set in hcpcs.yaml (data_dir: /srv/hcpcs) and by an environment
variable (HCPCS_DATA_DIR=/srv/hcpcs); a flag is stronger than the environment,
and the environment is stronger than the file. HCPCS_CONFIG names the file, as
--config does.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a release is held back for review,
4 the source could not be reached, 5 another run holds the lock, 6 a report could
not be delivered.`,
		Example: `  hcpcs run --source ~/hcpcs-releases        load what is new, and publish
  hcpcs changes                              what the latest release changed
  hcpcs changes 2019Q1..2020Q3 --format csv  the net difference of two releases
  hcpcs show J0570 --on 2019-03-31           what a code meant on a date`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.ArbitraryArgs,
		RunE: func(command *cobra.Command, arguments []string) error {
			if len(arguments) == 0 {
				return command.Help()
			}
			return unknownCommand(command, arguments[0])
		},
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return asUsage(flagError(err)) })
	root.SetHelpCommand(helpCommand())
	a.addCommonFlags(root.PersistentFlags())
	completeValues(root, "format", pipeline.Formats)
	completeValues(root, "log-format", pipeline.LogFormats)
	root.AddCommand(
		a.runCommand(), a.scheduleCommand(), a.runsCommand(), a.releasesCommand(), a.reportCommand(), a.changesCommand(), a.showCommand(), a.checkCommand(), a.queryCommand(), a.exportCommand(),
		a.verifyCommand(), a.rebuildCommand(), a.versionCommand(),
	)
	root.InitDefaultCompletionCmd(a.arguments...)
	strictCompletion(root)
	return root
}

// flagError says what a flag wants, where pflag says how Go reads it.
func flagError(err error) error {
	var invalid *pflag.InvalidValueError
	if !errors.As(err, &invalid) {
		return err
	}
	wants := map[string]string{
		"bool":        "write true or false, or the flag alone for true",
		"int":         "write a whole number, such as " + invalid.GetFlag().DefValue,
		"stringSlice": "write the values with commas between them, without quotation marks",
	}[invalid.GetFlag().Value.Type()]
	if wants == "" {
		return err
	}
	return fmt.Errorf("--%s is %q: %s", invalid.GetFlag().Name, invalid.GetValue(), wants)
}

// strictCompletion makes an unknown shell an error, which cobra answers with help.
func strictCompletion(root *cobra.Command) {
	completion, _, err := root.Find([]string{"completion"})
	if err != nil {
		return // cobra leaves it out while the shell asks for completions
	}
	completion.Example = "  source <(hcpcs completion bash)\n  hcpcs completion zsh > ~/.zsh/completions/_hcpcs"
	completion.Args = cobra.ArbitraryArgs
	completion.RunE = func(command *cobra.Command, arguments []string) error {
		if len(arguments) == 0 {
			return command.Help()
		}
		return usagef("%q is no shell that completion is made for: bash, zsh, fish, powershell", arguments[0])
	}
}

func (a *app) addCommonFlags(flags *pflag.FlagSet) {
	defaults := pipeline.DefaultConfig()
	flags.StringVar(&a.flags.dataDir, "data-dir", defaults.DataDir, "folder of the archive, the databases and the reports")
	flags.StringVar(&a.flags.config, "config", "", "configuration file (default ./"+pipeline.DefaultConfigFile+" where it is there)")
	flags.StringVar(&a.flags.source, "source", defaults.Source, "where releases come from: cms, a folder, or the URL of a page")
	flags.StringVar(&a.flags.format, "format", defaults.Format, "how results are printed: "+strings.Join(pipeline.Formats, ", "))
	flags.BoolVar(&a.flags.quiet, "quiet", false, "on standard error, errors only")
	flags.BoolVar(&a.flags.verbose, "verbose", false, "say in detail what is done")
	flags.StringVar(&a.flags.logFormat, "log-format", defaults.LogFormat, "how standard error is written: "+strings.Join(pipeline.LogFormats, ", "))
}

func completeValues(command *cobra.Command, flag string, values []string) {
	// It fails only where there is no such flag.
	_ = command.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
}

// helpCommand is cobra's, with an unknown command as an error.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Help about any command",
		RunE: func(command *cobra.Command, arguments []string) error {
			about, rest, err := command.Root().Find(arguments)
			if err != nil || len(rest) > 0 {
				return unknownCommand(command.Root(), strings.Join(arguments, " "))
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
	}
}

// unknownCommand says so, with the commands that were perhaps meant.
func unknownCommand(command *cobra.Command, name string) error {
	command.SuggestionsMinimumDistance = 2
	if near := command.SuggestionsFor(name); len(near) > 0 {
		return usagef("unknown command %q: did you mean %s?", name, strings.Join(near, " or "))
	}
	return usagef("unknown command %q", name)
}

// action makes a command's work out of a function: the settings are read first.
func (a *app) action(work func(ctx context.Context, arguments []string) error) func(*cobra.Command, []string) error {
	return func(command *cobra.Command, arguments []string) error {
		if err := noneEmpty(command.Flags()); err != nil {
			return asUsage(err)
		}
		if err := a.configure(command.Flags()); err != nil {
			return asUsage(err)
		}
		a.acting = true
		return work(command.Context(), arguments)
	}
}

// noneEmpty refuses flags that are given without a value, as by a variable of a
// script that is not set: without the flag it would be another question.
func noneEmpty(flags *pflag.FlagSet) error {
	var problems []error
	flags.Visit(func(flag *pflag.Flag) {
		if value := flag.Value.String(); value == "" || value == "[]" {
			problems = append(problems, fmt.Errorf("--%s is empty: give it a value, or leave it out", flag.Name))
		}
	})
	return errors.Join(problems...)
}

// configure reads the settings: those of the file, of the environment over them,
// and of the flags over both.
func (a *app) configure(flags *pflag.FlagSet) error {
	path := a.flags.config
	if !flags.Changed("config") {
		path = lookup(a.environ, "HCPCS_CONFIG")
	}
	var err error
	if a.config, err = pipeline.ReadConfig(path, a.environ); err != nil {
		return err
	}
	a.applyFlags(flags)
	if err := a.config.ExpandHome(lookup(a.environ, "HOME")); err != nil {
		return err
	}
	if err := a.config.Check(); err != nil {
		return err
	}
	a.log = slog.New(a.logHandler())
	return nil
}

// applyFlags puts the flags that were given over the settings.
func (a *app) applyFlags(flags *pflag.FlagSet) {
	for name, set := range map[string]func(){
		"data-dir":    func() { a.config.DataDir = a.flags.dataDir },
		"mail-to-dir": func() { a.config.Mail.ToDir = a.flags.mailToDir },
		"source":      func() { a.config.Source, a.sourceGiven = a.flags.source, true },
		"format":      func() { a.config.Format = a.flags.format },
		"log-format":  func() { a.config.LogFormat = a.flags.logFormat },
		"cron":        func() { a.config.Schedule.Cron = a.flags.cron },
		"zone":        func() { a.config.Schedule.Zone = a.flags.zone },
	} {
		if flags.Changed(name) {
			set()
		}
	}
	quiet, verbose := flags.Changed("quiet"), flags.Changed("verbose")
	if quiet {
		a.config.Quiet = a.flags.quiet
	}
	if verbose {
		a.config.Verbose = a.flags.verbose
	}
	// The two exclude each other: a flag is stronger than the other's setting.
	switch {
	case quiet && !verbose && a.config.Quiet:
		a.config.Verbose = false
	case verbose && !quiet && a.config.Verbose:
		a.config.Quiet = false
	}
}

func (a *app) logHandler() slog.Handler { return a.logHandlerTo(a.stderr) }

// logHandlerTo is how a command logs, to somewhere else.
func (a *app) logHandlerTo(out io.Writer) slog.Handler {
	options := &slog.HandlerOptions{Level: a.logLevel}
	switch {
	case a.config.Quiet:
		options.Level = slog.LevelError
	case a.config.Verbose:
		options.Level = slog.LevelDebug
	}
	if a.config.LogFormat == "json" {
		return slog.NewJSONHandler(out, options)
	}
	return slog.NewTextHandler(out, options)
}

// lookup gives the last value of an environment variable, "" where there is
// none.
func lookup(environ []string, name string) string {
	value := ""
	for _, variable := range environ {
		if key, text, _ := strings.Cut(variable, "="); key == name {
			value = text
		}
	}
	return value
}

// withPublished opens the analysts' file for a question.
func (a *app) withPublished(ctx context.Context, ask func(*load.Published) error) (err error) {
	published, err := load.OpenPublished(ctx, a.config.Paths().Published, a.config.Resources())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, published.Close()) }()
	return ask(published)
}

// noArguments and its like say in words how many arguments a command takes.
func noArguments(command *cobra.Command, arguments []string) error {
	if len(arguments) > 0 {
		return usagef("%q is one argument too many: '%s' takes none", arguments[0], command.CommandPath())
	}
	return nil
}

func oneArgument(what string) cobra.PositionalArgs {
	return func(command *cobra.Command, arguments []string) error {
		switch {
		case len(arguments) == 0:
			return usagef("'%s' needs %s", command.CommandPath(), what)
		case len(arguments) > 1:
			return usagef("%q is one argument too many: '%s' takes %s", arguments[1], command.CommandPath(), what)
		}
		return nil
	}
}
