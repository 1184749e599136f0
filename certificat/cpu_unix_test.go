//go:build linux

package certificat_test

import (
	"runtime"
	"syscall"
	"testing"
)

// cpu reports the processor time of the loop, which a busy machine does not
// change as it does the elapsed one. ref: DEC 37
func cpu(b *testing.B, boucle func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	lire := func() int64 {
		var r syscall.Rusage
		if err := syscall.Getrusage(1 /* RUSAGE_THREAD */, &r); err != nil {
			b.Fatal(err)
		}
		return r.Utime.Nano() + r.Stime.Nano()
	}
	t := lire()
	boucle()
	b.ReportMetric(float64(lire()-t)/float64(b.N), "cpu-ns/op")
}
