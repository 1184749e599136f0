//go:build unix

package image

import (
	"os"
	"syscall"
)

// projection is a file seen in memory: pages that the system reads when they are
// asked for and gives up when memory is short.
type projection struct{ b []byte }

func projeter(f *os.File) (*projection, error) {
	i, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if i.Size() == 0 {
		return &projection{}, nil
	}
	b, err := syscall.Mmap(int(f.Fd()), 0, int(i.Size()), syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil, os.NewSyscallError("mmap", err)
	}
	return &projection{b}, nil
}

func (p *projection) fermer() {
	if p.b != nil {
		_ = syscall.Munmap(p.b)
		p.b = nil
	}
}
