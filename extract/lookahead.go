package extract

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/hcpcstrack/hcpcstrack/extract/release"
)

// inspection is what a look into a ZIP finds out.
type inspection struct {
	contents zipContents
	sum      string // SHA-256 of the ZIP
	size     int64
	err      error
}

// lookAhead begins to look into the ZIPs below a folder, on as many goroutines
// as there are cores: most of the time goes into unpacking and hashing. The
// answers, which are small, come by name; a ZIP that is not among them is looked
// into when its turn comes.
func (r *folderReader) lookAhead(ctx context.Context) {
	var names []string
	// What cannot be listed here is met again, and said, on the way through.
	_ = fs.WalkDir(r.files, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case len(names) > r.limits.folderFiles || ctx.Err() != nil:
			return fs.SkipAll
		case err != nil && entry != nil && entry.IsDir(), name != "." && litter(path.Base(name)) && entry.IsDir():
			return fs.SkipDir
		case err == nil && entry.Type().IsRegular() && !litter(path.Base(name)) && strings.EqualFold(path.Ext(name), ".zip"):
			names = append(names, name)
		}
		return nil
	})
	if len(names) < 2 {
		return
	}
	slices.SortStableFunc(names, func(a, b string) int { return likelyQuarter(a).Compare(likelyQuarter(b)) })
	r.ahead = make(map[string]chan inspection, len(names))
	for _, name := range names {
		r.ahead[name] = make(chan inspection, 1)
	}
	workers := min(runtime.GOMAXPROCS(0), len(names))
	for worker := range workers {
		r.looking.Go(func() {
			for i := worker; i < len(names) && ctx.Err() == nil; i += workers {
				r.ahead[names[i]] <- r.inspectNow(ctx, diskFile{files: r.files, name: names[i]})
			}
		})
	}
}

// likelyQuarter tells from a ZIP's name, or that of its folder, of which quarter it
// likely is; zero where neither tells. Whoever is told of texts likes neighbours to
// follow each other: most of what they say is the same.
func likelyQuarter(name string) release.Quarter {
	if quarter, told := QuarterFromName(path.Base(name)); told {
		return quarter
	}
	quarter, _, _ := quarterFromFolderName(path.Base(path.Dir(name)))
	return quarter
}

func (r *folderReader) inspect(ctx context.Context, source diskFile) inspection {
	answer, begun := r.ahead[source.name]
	if !begun {
		return r.inspectNow(ctx, source)
	}
	select {
	case found := <-answer:
		return found
	case <-ctx.Done():
		return inspection{err: ctx.Err()}
	}
}

// inspectNow looks into a ZIP, unless its bytes are known.
func (r *folderReader) inspectNow(ctx context.Context, source diskFile) inspection {
	file, err := source.open()
	if err != nil {
		return inspection{err: err}
	}
	defer file.Close()
	path := filepath.Join(r.absolute, filepath.FromSlash(source.name))
	if r.before.checked != nil {
		sum := r.before.checked.sum(path, file.info, r.before.at, r.limits.readAgain)
		if contents, known := r.before.zips[sum]; known {
			return inspection{contents: contents, sum: sum, size: file.size}
		}
	}
	buffer := zipBuffers.Get().(*bytes.Buffer)
	defer zipBuffers.Put(buffer)
	content, size, sum, err := r.readZIP(ctx, file, buffer)
	if err != nil {
		return inspection{err: err}
	}
	if contents, known := r.before.zips[sum]; known {
		if r.before.checked != nil {
			r.before.checked.put(path, sum, file.info, r.before.at)
		}
		return inspection{contents: contents, sum: sum, size: size}
	}
	contents, err := inspectZIP(ctx, content, size, r.before.at, r.limits)
	if err != nil {
		return inspection{err: err}
	}
	if r.tell != nil && contents.text != nil {
		r.tell(*contents.main, contents.text)
	}
	contents.text = nil
	contents.unpacked.bound(r.kept, r.limits)
	return inspection{contents, sum, size, nil}
}

// zipBuffers are where small ZIPs are read into, one after another.
var zipBuffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// readZIP gives the bytes of a ZIP and their SHA-256. A small one is read once, into
// memory: to unpack it reads it in small pieces. They are good until the buffer is used
// again.
func (r *folderReader) readZIP(ctx context.Context, file *openedFile, buffer *bytes.Buffer) (content io.ReaderAt, size int64, sum string, err error) {
	whole := io.NewSectionReader(file, 0, file.size)
	if file.size > r.limits.zipInMemoryBytes {
		sum, size, err = hashAll(ctx, whole, r.limits.zipBytes)
		return file, size, sum, err
	}
	buffer.Reset()
	if err := readInto(ctx, buffer, whole, file.size, r.limits.zipBytes); err != nil {
		return nil, 0, "", err
	}
	return bytes.NewReader(buffer.Bytes()), int64(buffer.Len()), hashOf(buffer.Bytes()), nil
}
