package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	"go.temporal.io/server/schema"
	sqliteschema "go.temporal.io/server/schema/sqlite"
	driver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// A server that is just stopping may hold the file for some seconds more.
const lockTimeout = 15 * time.Second

// One connection: with several, writers wait for each other inside SQLite, which halves the throughput.
func storeConfig(file string) *config.SQL {
	return &config.SQL{
		PluginName:   sqlite.PluginName,
		DatabaseName: fileURL(file),
		MaxConns:     1,
		MaxIdleConns: 1,
		ConnectAttributes: map[string]string{
			"mode":         "rwc",
			"journal_mode": "WAL",
			// In WAL mode NORMAL never corrupts; a power failure may lose the last moments.
			"synchronous":  "NORMAL",
			"busy_timeout": "10000",
		},
	}
}

// lockStore keeps a second server off the same file: both would think that they own its shards.
// It is a lock of SQLite on a file of its own, so it works on every platform and ends with the process.
func lockStore(file string) (release func(), err error) {
	db, err := openSQLite(file+".lock", lockTimeout)
	if err != nil {
		return nil, err
	}
	if _, err := db.Exec("BEGIN EXCLUSIVE"); err != nil {
		_ = db.Close()
		if hasCode(err, sqlite3.SQLITE_BUSY) {
			return nil, failure{exitStoreInUse, fmt.Sprintf("%s is in use by another server that is still running", file)}
		}
		return nil, failure{exitFailed, fmt.Sprintf("%s cannot be created or opened (%v)", file+".lock", err)}
	}
	return func() { _ = db.Close() }, nil
}

// prepareStore creates the schema in an empty file, in one transaction, and refuses any other
// version than this server's own: Temporal neither checks nor upgrades the schema of SQLite.
func prepareStore(file string) (err error) {
	db, err := openSQLite(file, 10*time.Second)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = createOrCheckSchema(db, file)
	if hasCode(err, sqlite3.SQLITE_NOTADB) || hasCode(err, sqlite3.SQLITE_CORRUPT) {
		return failure{exitSchemaMismatch, fmt.Sprintf("%s cannot be read as a store; put the file aside and a new one is created", file)}
	}
	return err
}

func createOrCheckSchema(db *sql.DB, file string) error {
	wanted, err := schemaVersion()
	if err != nil {
		return err
	}
	tx, err := db.BeginTx(context.Background(), nil)
	if err != nil {
		return fmt.Errorf("%s cannot be opened: %w", file, err)
	}
	defer func() { _ = tx.Rollback() }()

	var found, tables int
	if err := tx.QueryRow("PRAGMA user_version").Scan(&found); err != nil {
		return err
	}
	if err := tx.QueryRow("SELECT count(*) FROM sqlite_master").Scan(&tables); err != nil {
		return err
	}
	if found == wanted {
		return nil
	}
	if found != 0 || tables != 0 {
		return failure{exitSchemaMismatch, fmt.Sprintf(
			"%s has schema version %d and this server needs %d; put the file aside and a new one is created", file, found, wanted)}
	}
	for _, name := range []string{"sqlite/v3/temporal/schema.sql", "sqlite/v3/visibility/schema.sql"} {
		statements, err := fs.ReadFile(schema.Assets(), name)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(string(statements)); err != nil {
			return fmt.Errorf("creating the schema from %s: %w", name, err)
		}
	}
	if _, err := tx.Exec(fmt.Sprintf("PRAGMA user_version = %d", wanted)); err != nil {
		return err
	}
	return tx.Commit()
}

// schemaVersion folds the two versions of the embedded schema ("0.11" and "0.1") into one integer (110001).
func schemaVersion() (int, error) {
	version := 0
	for _, part := range strings.Split(sqliteschema.Version+"."+sqliteschema.VisibilityVersion, ".") {
		number, err := strconv.Atoi(part)
		if err != nil {
			return 0, fmt.Errorf("schema version %q: %w", part, err)
		}
		version = version*100 + number
	}
	return version, nil
}

func hasCode(err error, code int) bool {
	var known *driver.Error
	return errors.As(err, &known) && known.Code()&0xff == code // the upper bits say more about the same code
}

func openSQLite(file string, busyTimeout time.Duration) (*sql.DB, error) {
	dsn := fmt.Sprintf("file:%s?mode=rwc&_txlock=immediate&_pragma=busy_timeout(%d)", fileURL(file), busyTimeout.Milliseconds())
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// SQLite reads the name as a URL: a "?", "#" or "%" in a directory's name must not end it.
func fileURL(file string) string {
	return (&url.URL{Path: filepath.ToSlash(file)}).EscapedPath()
}
