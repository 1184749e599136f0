//go:build unix

package charge

import (
	"syscall"
	"time"
)

// monTemps is the processor time of this process. ref: DEC 37
func monTemps() time.Duration {
	var r syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &r) != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
