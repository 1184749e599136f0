//go:build !unix

package charge

import "time"

// monTemps is not known on this system.
func monTemps() time.Duration { return 0 }
