package extract

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// Files that remember what saves work, and nothing else: without them the same is
// found out again.

// readRemembered reads such a file. False means that there is none that can be
// used, or that it is larger than limit, in bytes.
func readRemembered(path string, limit int64, into any) bool {
	if path == "" {
		return false
	}
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, limit+1))
	return err == nil && int64(len(text)) <= limit && json.Unmarshal(text, into) == nil
}

// writeRemembered writes such a file, so that it is there whole or as it was. No
// path is no file. what says what is remembered.
func writeRemembered(path, what string, content any) error {
	if path == "" {
		return nil
	}
	text, err := json.MarshalIndent(content, "", "  ")
	if err == nil {
		err = os.WriteFile(path+leftoverEnding, append(text, '\n'), 0o644)
	}
	if err == nil {
		err = os.Rename(path+leftoverEnding, path)
	}
	if err != nil {
		return fmt.Errorf("remember %s in %s: %w: make its folder writable, or make room", what, path, rootCause(err))
	}
	return nil
}
