//go:build unix

package extract

import (
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// A pipe without a writer would block whoever opens it.
func TestPipe(t *testing.T) {
	root := folderOf(t, map[string][]byte{"2031Q1.txt": []byte(mainText("beans"))})
	if err := syscall.Mkfifo(filepath.Join(root, "pipe.txt"), 0o644); err != nil {
		t.Skipf("no pipes here: %v", err)
	}
	inventory := mustReadFolder(t, root)
	require.Len(t, inventory.Offers, 1)
	require.Equal(t, map[string]string{"pipe.txt": "not a regular file"}, passed(t, root, inventory))
}
