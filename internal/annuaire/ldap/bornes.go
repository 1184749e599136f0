package ldap

import "time"

// Bornes is what one client may ask of the door. A zero field has the value said.
// hyp: ANNUAIRE-LDAP-BORNES
type Bornes struct {
	Message    int           // bytes of a request: 64 KiB
	Connexions int           // at once: 2 048
	ParAdresse int           // at once, from one address: 256, for a hospital behind one address
	Attributs  int           // named in a search: 64
	Attente    int           // messages read ahead while an operation is long: 16
	Taille     int           // entries of an answer without pages: 200
	Page       int           // entries of a page: 500
	Total      int           // entries of all the pages of one search: 10 000
	Echecs     int           // binds refused on one connection: 5
	Essais     int           // binds refused to one address in a minute: 60
	Temps      time.Duration // of a search: 10 s
	Poignee    time.Duration // of a TLS handshake: 10 s
	Lecture    time.Duration // of a message once begun: 10 s
	Ecriture   time.Duration // for the client to take what is sent: 30 s
	Inactif    time.Duration // without a request: 5 min
	Session    time.Duration // of a bind, whose rights are asked again after: 15 min
}

// avecDefauts fills in what is not said.
func (b Bornes) avecDefauts() Bornes {
	n := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	t := func(v *time.Duration, d time.Duration) {
		if *v <= 0 {
			*v = d
		}
	}
	n(&b.Message, 64<<10)
	n(&b.Connexions, 2048)
	n(&b.ParAdresse, 256)
	n(&b.Attributs, 64)
	n(&b.Attente, 16)
	n(&b.Taille, 200)
	n(&b.Page, 500)
	n(&b.Total, 10000)
	n(&b.Echecs, 5)
	n(&b.Essais, 60)
	t(&b.Temps, 10*time.Second)
	t(&b.Poignee, 10*time.Second)
	t(&b.Lecture, 10*time.Second)
	t(&b.Ecriture, 30*time.Second)
	t(&b.Inactif, 5*time.Minute)
	t(&b.Session, 15*time.Minute)
	return b
}
