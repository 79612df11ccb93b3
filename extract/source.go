package extract

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"path"

	"github.com/klauspost/compress/zip"
)

// diskFile is a file that can be opened again. The zero value is no file.
type diskFile struct {
	files fs.FS
	name  string // slash-separated, in files
}

// openedFile is a file open for reading at any offset.
type openedFile struct {
	io.ReaderAt
	io.Closer
	size int64
	info fs.FileInfo
}

func (d diskFile) open() (*openedFile, error) {
	file, err := d.files.Open(d.name)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, err
	}
	random, ok := file.(io.ReaderAt)
	if !ok {
		file.Close()
		return nil, fmt.Errorf("the file system cannot read %s from the middle", d.name)
	}
	return &openedFile{ReaderAt: random, Closer: file, size: info.Size(), info: info}, nil
}

func (d diskFile) sniffable(size int64) sniffable {
	return sniffable{
		name:   path.Base(d.name),
		size:   size,
		stream: func() (io.ReadCloser, error) { return d.files.Open(d.name) },
		random: func() (io.ReaderAt, func(), error) {
			file, err := d.open()
			if err != nil {
				return nil, nil, err
			}
			return file, func() { file.Close() }, nil
		},
	}
}

func (d diskFile) hash(ctx context.Context, limits limits) (sum string, size int64, err error) {
	file, err := d.open()
	if err != nil {
		return "", 0, err
	}
	defer file.Close()
	return hashAll(ctx, io.NewSectionReader(file, 0, file.size), limits.entryBytes)
}

// content is how an offer or a companion is read: from one ZIP, or from loose
// files by base name.
type content struct {
	zip   diskFile
	loose map[string]diskFile
}

// read gives a main file's bytes, if they are still the ones that were listed.
func (c content) read(ctx context.Context, place string, file MainFile) ([]byte, error) {
	bytes, err := c.readFile(ctx, file.Name)
	if err != nil {
		return nil, fmt.Errorf("read %s of %s: %w", file.Name, place, err)
	}
	if sum := hashOf(bytes); sum != file.SHA256 {
		return nil, fmt.Errorf("read %s of %s: the file changed after it was listed (SHA-256 %s instead of %s): run again", file.Name, place, sum, file.SHA256)
	}
	return bytes, nil
}

func (c content) readFile(ctx context.Context, name string) ([]byte, error) {
	if loose, ok := c.loose[name]; ok {
		file, err := loose.open()
		if err != nil {
			return nil, err
		}
		defer file.Close()
		return readAll(ctx, io.NewSectionReader(file, 0, file.size), file.size, defaultLimits.entryBytes)
	}
	return readFromZIP(ctx, c.zip, name, defaultLimits)
}

// readFromZIP reads one entry by its name.
func readFromZIP(ctx context.Context, source diskFile, name string, limits limits) ([]byte, error) {
	file, err := source.open()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	reader, err := openZIP(file, file.size, limits)
	if err != nil {
		return nil, err
	}
	var found *zip.File
	for _, entry := range reader.File {
		if entry.Name == name {
			found = entry
		}
	}
	if found == nil {
		return nil, fmt.Errorf("it has no entry %q", name)
	}
	return readEntry(ctx, found, limits)
}
