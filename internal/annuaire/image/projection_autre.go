//go:build !unix

package image

import (
	"io"
	"os"
)

// projection is a file seen in memory: read whole where the system is not one whose
// way to map files we know.
type projection struct{ b []byte }

func projeter(f *os.File) (*projection, error) {
	b, err := io.ReadAll(f)
	return &projection{b}, err
}

func (p *projection) fermer() { p.b = nil }
