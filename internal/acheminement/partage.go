package acheminement

import "time"

// Part is how many messages of a partner to take.
type Part struct {
	Destinataire string
	N            int
}

// Pris is a message taken under a lease.
type Pris struct {
	Envoi
	Bail   int64 // number of the lease: an outcome is written only under it
	Essais int   // tries counted before this one
	Fin    time.Time
	Ecarts bool // messages of its Ordre were put aside
}

// Partager gives the free workers to the partners who have something due, one
// each in turn, starting after depuis, the last served of the turn before. place
// is how many a partner may still have under way. due is sorted.
func Partager(dus []string, place func(destinataire string) int, libres int, depuis string) (parts []Part, dernier string) {
	debut := 0
	for debut < len(dus) && dus[debut] <= depuis {
		debut++
	}
	places := make([]int, len(dus))
	restent := 0
	for i := range dus {
		parts = append(parts, Part{Destinataire: dus[(debut+i)%len(dus)]})
		places[i] = max(0, place(parts[i].Destinataire))
		restent += places[i]
	}
	dernier = depuis
	for libres > 0 && restent > 0 {
		for i := range parts {
			if libres == 0 || places[i] == 0 {
				continue
			}
			parts[i].N++
			places[i]--
			restent--
			libres--
			dernier = parts[i].Destinataire
		}
	}
	servis := parts[:0]
	for _, p := range parts {
		if p.N > 0 {
			servis = append(servis, p)
		}
	}
	return servis, dernier
}
