package annuaire

import (
	"iter"
	"strconv"
	"time"
)

// Quota is what a family may read.
type Quota struct {
	Famille   string
	ParMinute int64 // requests a minute, 0 for no limit
	Rafale    int64 // requests at once
	// Different records in an hour beyond which a reader is slowed and reported, then
	// refused until the next hour; 0 for never.
	Ralenti, Refus int64
	DelaiMax       time.Duration // of who is about to be refused
	Source         string
}

// Quotas are those of the families; the one of "*" is for the others.
type Quotas map[string]Quota

func lireQuotas(s *sources) Quotas {
	l := Quotas{}
	for _, r := range s.lire("quotas.csv", "famille", "par_minute", "rafale", "ralenti", "refus", "delai_max", "source") {
		var n [5]int64
		for i := range n {
			x, err := strconv.ParseInt(r.champs[i+1], 10, 64)
			if err != nil || x < 0 || x > 1<<40 {
				r.faute("nombres entiers attendus, 0 pour sans limite")
			}
			n[i] = x
		}
		if n[0] > 0 && n[1] == 0 || n[3] > 0 && n[3] <= n[2] {
			r.faute("rafale attendue avec un débit, et un refus plus haut que le ralentissement")
		}
		l[r.champs[0]] = Quota{r.champs[0], n[0], n[1], n[2], n[3], time.Duration(n[4]) * time.Millisecond, r.champs[6]}
	}
	if _, ok := l["*"]; !ok {
		s.fautes = append(s.fautes, &ErreurDonnees{"quotas.csv", 0, "quota de la famille * absent : c'est celui des familles qui n'en ont pas"})
	}
	return l
}

// De is the quota of a family.
func (l Quotas) De(famille string) Quota {
	if q, ok := l[famille]; ok {
		return q
	}
	return l["*"]
}

// CodeQuota is why a reader waits or is refused.
type CodeQuota string

// The codes of quotas.
const (
	QuotaDebit   CodeQuota = "Q-DEBIT"   // too many requests
	QuotaLargeur CodeQuota = "Q-LARGEUR" // too many different records
)

// Texte says to a reader what to do.
func (c CodeQuota) Texte() string {
	switch c {
	case QuotaDebit:
		return "trop de demandes : attendre le délai dit par Retry-After"
	case QuotaLargeur:
		return "trop de fiches différentes en une heure : prendre l'extraction ($export), ou demander un quota à l'exploitant"
	}
	return ""
}

// Reponse is what a quota answers to a request.
type Reponse struct {
	Code   CodeQuota     // empty when all is well; the request is refused unless Delai is said
	Refuse bool          // do not answer
	Delai  time.Duration // wait so long before the answer
	// Limite, Reste and Reprise are those of the flow: requests at once, those left, and
	// when all are back. Limite is 0 when there is none.
	Limite, Reste int64
	Reprise       time.Duration
	// Attente is how long who is refused should wait.
	Attente time.Duration
}

// Entetes are the headers of the answer. ref: draft-ietf-httpapi-ratelimit-headers-03 §5
func (r *Reponse) Entetes() iter.Seq2[string, string] {
	return func(dire func(nom, valeur string) bool) {
		if r.Limite > 0 {
			if !dire("RateLimit-Limit", strconv.FormatInt(r.Limite, 10)) || !dire("RateLimit-Remaining", strconv.FormatInt(r.Reste, 10)) ||
				!dire("RateLimit-Reset", secondes(r.Reprise)) {
				return
			}
		}
		if r.Refuse {
			dire("Retry-After", secondes(r.Attente))
		}
	}
}

// secondes is a duration as headers say it, rounded up.
func secondes(d time.Duration) string {
	return strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10)
}

// etatQuota is what is counted of one reader. The zero value is one who never read.
type etatQuota struct {
	dernier  int64 // instant of the last count, ms
	manque   int64 // thousandths of requests taken out of the bucket
	heure    int64 // number of the hour
	lectures int64 // requests in the hour
	refus    int64
	signale  bool
	croquis  *Croquis  // records read in the hour through this node
	tous     *compteur // and through all
}

const heureMs = 3_600_000

// juger counts a request at an instant and answers. The state is of the hour.
func (q *Quota) juger(e *etatQuota, ms int64) (r Reponse) {
	e.lectures++
	if q.ParMinute > 0 && !q.puiser(e, ms, &r) {
		e.refus++
		return r
	}
	if q.Ralenti == 0 {
		return r
	}
	switch n := e.nombre(); {
	case n <= q.Ralenti:
	case q.Refus > 0 && n > q.Refus:
		e.refus++
		r.Code, r.Refuse = QuotaLargeur, true
		r.Attente = time.Duration(heureMs-ms%heureMs) * time.Millisecond
	case q.Refus > 0:
		r.Code = QuotaLargeur
		r.Delai = time.Duration(float64(q.DelaiMax) * float64(n-q.Ralenti) / float64(q.Refus-q.Ralenti))
	default:
		r.Code, r.Delai = QuotaLargeur, q.DelaiMax
	}
	return r
}

// puiser takes a request out of the bucket, which fills again with time; a clock that
// goes back fills nothing.
func (q *Quota) puiser(e *etatQuota, ms int64, r *Reponse) bool {
	if ecoule := ms - e.dernier; e.dernier > 0 && ecoule > 0 {
		e.manque = max(0, e.manque-min(ecoule, 2*heureMs)*q.ParMinute/60)
	}
	e.dernier = max(e.dernier, ms)
	ok := e.manque+1000 <= q.Rafale*1000
	if ok {
		e.manque += 1000
	}
	r.Limite, r.Reste = q.Rafale, q.Rafale-(e.manque+999)/1000
	r.Reprise = time.Duration(e.manque*60/q.ParMinute) * time.Millisecond
	if !ok {
		r.Code, r.Refuse = QuotaDebit, true
		r.Attente = time.Duration((e.manque+1000-q.Rafale*1000)*60/q.ParMinute+1) * time.Millisecond
	}
	return ok
}

// nombre is how many different records were read in the hour.
func (e *etatQuota) nombre() int64 {
	if e.tous == nil {
		return 0
	}
	return e.tous.nombre()
}

func (e *etatQuota) lire(h uint64) {
	if e.croquis == nil {
		e.croquis = new(Croquis)
	}
	if e.tous == nil {
		e.tous = nouveauCompteur()
	}
	e.croquis.Ajouter(h)
	e.tous.ajouter(h)
}

func (e *etatQuota) fondre(c *Croquis) {
	if e.tous == nil {
		e.tous = nouveauCompteur()
	}
	e.tous.fondre(c)
}
