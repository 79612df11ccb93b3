package extract

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// ReadMain gives the main file's bytes, verified against the SHA-256 of the
// sidecar. Where its ZIP is damaged or gone, another ZIP around the same file
// does as well.
func (r Archived) ReadMain(ctx context.Context) ([]byte, error) {
	content, err := r.readVerified(ctx, r.Main)
	for _, other := range r.Repackaged {
		if err == nil || ctx.Err() != nil {
			break
		}
		if other.Main.SHA256 == r.Main.SHA256 {
			if again, failed := other.readVerified(ctx, other.Main); failed == nil {
				return again, nil
			}
		}
	}
	return content, err
}

// ReadSecond gives the bytes of the second format, verified as in ReadMain. It
// fails when there is none.
func (r Archived) ReadSecond(ctx context.Context) ([]byte, error) {
	if r.Second == nil {
		return nil, fmt.Errorf("read %s from the archive: it is there as %s only", r.ID, r.Main.Format)
	}
	return r.readVerified(ctx, *r.Second)
}

func (r Archived) readVerified(ctx context.Context, file MainFile) ([]byte, error) {
	bytes, err := readArchivedZIP(ctx, r.Path, file.Name, r.limits)
	if err == nil && hashOf(bytes) != file.SHA256 {
		err = fmt.Errorf("its SHA-256 is %s, not %s", hashOf(bytes), file.SHA256)
	}
	if err != nil {
		return nil, damaged(ctx, r.ID.String(), r.Path, file.Name, err)
	}
	return bytes, nil
}

// ReadEntry gives the bytes of one of Entries, by its name, as far as the ZIP's
// own checksum vouches for them.
func (r Archived) ReadEntry(ctx context.Context, name string) ([]byte, error) {
	if !hasEntry(r.Entries, name) {
		return nil, fmt.Errorf("read %s from the archive: %s holds no companion %q", r.ID, r.Path, name)
	}
	if content := r.memory.take(r.SHA256, name); content != nil {
		return content, nil
	}
	bytes, err := readArchivedZIP(ctx, r.Path, name, r.limits)
	if err != nil {
		return nil, damaged(ctx, r.ID.String(), r.Path, name, err)
	}
	return bytes, nil
}

// Verify reads the whole ZIP and compares it with the sidecar's SHA-256.
func (r Archived) Verify(ctx context.Context) error {
	return verify(ctx, r.ID.String(), r.Path, r.Facts, r.limits)
}

// ReadEntry gives the bytes of one of Entries, by its name.
func (c ArchivedCompanion) ReadEntry(ctx context.Context, name string) ([]byte, error) {
	what := "a companion of " + c.Quarter.String()
	if !hasEntry(c.Entries, name) {
		return nil, fmt.Errorf("read %s from the archive: %s holds no %q", what, c.Path, name)
	}
	var bytes []byte
	var err error
	if c.Zipped {
		bytes, err = readArchivedZIP(ctx, c.Path, name, c.limits)
	} else {
		source := diskFile{files: rootFiles{filepath.Dir(c.Path)}, name: filepath.Base(c.Path)}
		bytes, err = content{loose: map[string]diskFile{name: source}}.readFile(ctx, name)
		if err == nil && hashOf(bytes) != c.SHA256 {
			err = fmt.Errorf("its SHA-256 is %s, not %s", hashOf(bytes), c.SHA256)
		}
	}
	if err != nil {
		return nil, damaged(ctx, what, c.Path, name, err)
	}
	return bytes, nil
}

// Verify reads the whole file and compares it with the sidecar's SHA-256.
func (c ArchivedCompanion) Verify(ctx context.Context) error {
	return verify(ctx, "a companion of "+c.Quarter.String(), c.Path, c.Facts, c.limits)
}

func verify(ctx context.Context, what, path string, facts Facts, limits limits) error {
	file, err := os.Open(path)
	if err != nil {
		return damaged(ctx, what, path, "", rootCause(err))
	}
	defer file.Close()
	sum, _, err := hashAll(ctx, file, max(limits.zipBytes, facts.Size))
	if err == nil && sum != facts.SHA256 {
		err = fmt.Errorf("its SHA-256 is %s, not %s", sum, facts.SHA256)
	}
	if err != nil {
		return damaged(ctx, what, path, "", err)
	}
	return nil
}

// damaged words the error of an archived file that is not what was archived.
func damaged(ctx context.Context, what, path, entry string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if entry != "" {
		entry = " in " + entry
	}
	return fmt.Errorf("read %s from the archive: %s%s does not hold the bytes that were archived: %w: restore the file from a backup, or give 'hcpcs run' a source that has it", what, path, entry, err)
}

func readArchivedZIP(ctx context.Context, path, name string, limits limits) ([]byte, error) {
	source := diskFile{files: rootFiles{filepath.Dir(path)}, name: filepath.Base(path)}
	bytes, err := readFromZIP(ctx, source, name, limits)
	if err != nil {
		return nil, rootCause(err)
	}
	return bytes, nil
}

func hasEntry(entries []EntryInfo, name string) bool {
	return slices.ContainsFunc(entries, func(entry EntryInfo) bool { return entry.Name == name })
}
