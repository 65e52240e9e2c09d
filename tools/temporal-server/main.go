// Command temporal-server runs the real Temporal server and its UI over one SQLite file, for
// development, tests and small installations. See README.md.
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
)

// Exit codes: part of the contract with the program that starts this one.
const (
	exitFailed         = 1
	exitUsage          = 2
	exitSchemaMismatch = 3
	exitPortTaken      = 4
	exitStoreInUse     = 5
)

// There is no login on any of these ports, so they are never reachable from outside.
const loopback = "127.0.0.1"

type options struct {
	storeFile        string
	port             int
	uiPort           int
	healthPort       int
	namespace        string
	searchAttributes map[string]enumspb.IndexedValueType
	logLevel         string
	timerShift       time.Duration
	newRunAfter      int
	exitWithParent   bool
}

// failure is an error with an exit code of its own and a message made for a person.
type failure struct {
	code    int
	message string
}

func (f failure) Error() string { return f.message }

func main() {
	opts, err := parseOptions(os.Args[1:])
	if err == nil {
		err = run(opts)
	}
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return
	}
	fmt.Fprintf(os.Stderr, "temporal-server: %v\n", err)
	var known failure
	if errors.As(err, &known) {
		os.Exit(known.code)
	}
	os.Exit(exitFailed)
}

func parseOptions(arguments []string) (options, error) {
	opts := options{searchAttributes: map[string]enumspb.IndexedValueType{}}
	flags := flag.NewFlagSet("temporal-server", flag.ContinueOnError)
	flags.StringVar(&opts.storeFile, "db", "", "SQLite `file` of the store, created when missing (required)")
	flags.IntVar(&opts.port, "port", 7233, "gRPC port")
	flags.IntVar(&opts.uiPort, "ui-port", 8233, "port of the web UI")
	flags.IntVar(&opts.healthPort, "health-port", 8234, "port of GET /health")
	flags.StringVar(&opts.namespace, "namespace", "default", "namespace, registered when missing")
	flags.StringVar(&opts.logLevel, "log-level", "warn", "debug, info, warn or error")
	flags.DurationVar(&opts.timerShift, "timer-shift", time.Second, "how far ahead timers are collected, and so how late one that is set to fire at once may be")
	flags.IntVar(&opts.newRunAfter, "new-run-after", 4096, "events in a workflow's history after which it is told to go on as a new run")
	flags.BoolVar(&opts.exitWithParent, "exit-with-parent", false, "stop when standard input ends")
	flags.Func("search-attribute", "custom search attribute as `name=Type`, added when missing (repeatable)", func(value string) error {
		name, typeName, _ := strings.Cut(value, "=")
		valueType, err := enumspb.IndexedValueTypeFromString(typeName)
		if name == "" || err != nil || valueType == enumspb.INDEXED_VALUE_TYPE_UNSPECIFIED {
			return errors.New("expected name=Type, for example Stage=Keyword")
		}
		opts.searchAttributes[name] = valueType
		return nil
	})
	if err := flags.Parse(arguments); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return opts, err
		}
		return opts, failure{exitUsage, err.Error()}
	}
	if opts.storeFile == "" || flags.NArg() > 0 {
		return opts, failure{exitUsage, "--db FILE is required and there are no other arguments; --help lists the flags"}
	}
	file, err := filepath.Abs(opts.storeFile)
	opts.storeFile = file
	return opts, err
}

func run(opts options) error {
	// From here on SIGTERM and SIGINT stop cleanly, at whatever point of the start they arrive.
	stopRequested := make(chan os.Signal, 2)
	signal.Notify(stopRequested, os.Interrupt, syscall.SIGTERM)
	if opts.exitWithParent {
		go stopAtEndOfInput(stopRequested)
	}

	release, err := lockStore(opts.storeFile)
	if err != nil {
		return err
	}
	defer release()
	if err := prepareStore(opts.storeFile); err != nil {
		return err
	}
	health, err := serveHealth(opts.healthPort)
	if err != nil {
		return err
	}
	defer health.close()
	running, err := startServer(opts)
	if err != nil {
		return err
	}
	setupFailed := make(chan error, 1)
	go func() {
		check, err := setUpNamespace(opts)
		if err != nil {
			setupFailed <- err
			return
		}
		health.becomeReady(check)
	}()

	select {
	case err = <-setupFailed:
	case <-stopRequested:
	}
	// A second signal means that somebody does not want to wait.
	go func() { <-stopRequested; os.Exit(exitFailed) }()
	running.stop()
	return err
}

// The parent holds the other end of our standard input: the system closes it however the parent dies.
func stopAtEndOfInput(stopRequested chan<- os.Signal) {
	_, _ = io.Copy(io.Discard, bufio.NewReader(os.Stdin))
	stopRequested <- syscall.SIGTERM
}
