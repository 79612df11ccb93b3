package extract

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"hash/crc32"
	"io"
	"time"
)

// copyFile copies a file that must still have the hash under which it was
// listed.
func copyFile(ctx context.Context, target io.Writer, source diskFile, sum string, limits limits) error {
	file, err := source.open()
	if err != nil {
		return rootCause(err)
	}
	defer file.Close()
	copied, _, err := hashAll(ctx, io.TeeReader(io.NewSectionReader(file, 0, file.size), target), limits.zipBytes)
	if err != nil {
		return rootCause(err)
	}
	if copied != sum {
		return fmt.Errorf("the file changed after it was listed (SHA-256 %s instead of %s): run again", copied, sum)
	}
	return nil
}

// packTime stands on every entry of a ZIP that hcpcs makes: the first time that
// a ZIP can hold, which nobody takes for a publication time.
var packTime = time.Date(1980, time.January, 1, 0, 0, 0, 0, time.UTC)

// packLoose puts loose main files unchanged into one ZIP, the main file first,
// not compressed, so that the same files give the same ZIP whatever version of
// whatever compressor is at work.
func packLoose(ctx context.Context, offer Offer) ([]byte, error) {
	var packed bytes.Buffer
	writer := zip.NewWriter(&packed)
	for _, file := range []*MainFile{&offer.Main, offer.Second} {
		if file == nil {
			continue
		}
		content, err := offer.source.read(ctx, offer.Path, *file)
		if err != nil {
			return nil, err
		}
		header := &zip.FileHeader{
			Name: file.Name, Method: zip.Store, Modified: packTime, CRC32: crc32.ChecksumIEEE(content),
			CompressedSize64: uint64(len(content)), UncompressedSize64: uint64(len(content)),
		}
		entry, err := writer.CreateRaw(header)
		if err != nil {
			return nil, fmt.Errorf("pack %s: %w", file.Name, err)
		}
		if _, err := entry.Write(content); err != nil {
			return nil, fmt.Errorf("pack %s: %w", file.Name, err)
		}
	}
	if err := writer.Close(); err != nil {
		return nil, fmt.Errorf("pack %s: %w", offer.Name, err)
	}
	return packed.Bytes(), nil
}
