package acheminement

import "time"

// Retrait is a file dropped for a partner, which he fetched to its end.
type Retrait struct {
	Partenaire string
	Nom        string
	Taille     int64
	Instant    time.Time
}
