package certificat

import (
	"crypto/sha256"
	"slices"
	"strings"
	"time"
)

// ecartHorloge is how far in the future a list may be dated. ref: ROC §16.3
const ecartHorloge = 300 * time.Second

// profondeurMax bounds the lists kept of a verdict above the issuer's.
const profondeurMax = 3

// Verdict is a holder judged good, now, for the usage asked, and by what means.
type Verdict struct {
	Porteur *Porteur
	Liste   *Liste // the list that judged the leaf; nil only after a soft failure
	Base    *Liste // the full list when Liste is a delta
	// Superieures are the lists that judged the authorities above the issuer,
	// nearest first: a proof keeps them too. ref: DEC 16
	Superieures [profondeurMax]*Liste
	Souple      *Refus // not nil: let through by EchecSouple in spite of this
	Connu       bool   // the chain had been built before
}

// Juger says whether a certificate may serve for usage at the instant a, by the
// policy of the store. chaine is what the holder sent beside the leaf, in any
// order; what is missing is taken from the store. The error is a *Refus.
func (m *Magasin) Juger(feuille []byte, chaine [][]byte, usage Usage, a time.Time) (Verdict, error) {
	return m.JugerSelon(&m.options.Politique, feuille, chaine, usage, a)
}

// JugerSelon is Juger by the policy of one service; nil is that of the store.
// ref: ROC §16.3 (verify), PKI §6.4, PKI §7
func (m *Magasin) JugerSelon(pol *Politique, feuille []byte, chaine [][]byte, usage Usage, a time.Time) (Verdict, error) {
	if len(feuille) > maxCertificat {
		_, r := lire(feuille)
		return Verdict{}, r
	}
	if pol == nil {
		pol = &m.options.Politique
	}
	emp := sha256.Sum256(feuille)
	v := m.vue.Load()
	if p := m.cache.lire(&emp); p != nil {
		verdict, r := m.relire(v, pol, p, usage, a)
		if r == nil {
			verdict.Connu = true
			return verdict, nil
		}
		if !r.Motif.deLaVoie() {
			return Verdict{}, r
		}
		m.cache.oublier(&emp) // another path may exist: a renewed authority
	}
	p, r := m.construire(v, feuille, chaine, a)
	if r != nil {
		return Verdict{}, r
	}
	verdict, r := m.relire(v, pol, p, usage, a)
	if r != nil {
		return Verdict{}, r
	}
	m.cache.ecrire(p)
	return verdict, nil
}

// Rejuger reads again dates, trust, policy and revocation of a holder met before,
// as a living or resumed connection must for each message. When it refuses for the
// sake of an authority (expired, withdrawn), Juger may still find another path.
// ref: DEC 15
func (m *Magasin) Rejuger(pol *Politique, p *Porteur, usage Usage, a time.Time) (Verdict, error) {
	if pol == nil {
		pol = &m.options.Politique
	}
	verdict, r := m.relire(m.vue.Load(), pol, p, usage, a)
	if r != nil {
		return Verdict{}, r
	}
	verdict.Connu = true
	return verdict, nil
}

// deLaVoie says whether another chain could lift the refusal.
func (m Motif) deLaVoie() bool {
	switch m {
	case MotifAutoriteInconnue, MotifAutoriteExpiree, MotifAutoriteRevoquee, MotifListeAbsente:
		return true
	}
	return false
}

// relire is everything that can change from one message to the next.
func (m *Magasin) relire(v *instantane, pol *Politique, p *Porteur, usage Usage, a time.Time) (Verdict, *Refus) {
	t := a.Unix()
	if r := p.dates(t, a); r != nil {
		return Verdict{}, r
	}
	if p.usages&usage != usage || usage == 0 {
		return Verdict{}, p.refusUsage(usage)
	}
	if r := pol.refuser(p); r != nil {
		return Verdict{}, r
	}
	if r := p.voie.refuser(v, t, a); r != nil {
		return Verdict{}, r
	}
	return m.revocation(v, pol, p, a)
}

func (p *Porteur) dates(t int64, a time.Time) *Refus {
	if t > p.fin {
		return &Refus{Motif: MotifExpire, Serie: p.Serie(), Date: p.Fin(), A: a}
	}
	if t < p.debut {
		return &Refus{Motif: MotifPasEncoreValide, Serie: p.Serie(), Date: p.Debut(), A: a}
	}
	return nil
}

func (p *Porteur) refusUsage(usage Usage) *Refus {
	for _, n := range nomsUsage {
		if usage&n.u != 0 {
			if r := p.aptitudes.refuser(n.u); r != nil {
				r.Serie = p.Serie()
				return r
			}
		}
	}
	return &Refus{Motif: MotifMauvaisUsage, Usage: usage, Serie: p.Serie(), Detail: "aucun usage demandé"}
}

// refuser applies what the service accepts. A TEST certificate in a production
// service is told apart: it is the commonest support call. ref: PKI §7
func (pol *Politique) refuser(p *Porteur) *Refus {
	v := p.voie
	switch {
	case len(pol.Milieux) > 0 && !slices.Contains(pol.Milieux, v.milieu):
		return refusMilieu(v.milieu, p.Emetteur(), pol.Milieux)
	case len(pol.Gammes) > 0 && !slices.Contains(pol.Gammes, v.gamme):
		return &Refus{Motif: MotifGamme, Objet: p.Emetteur(), Detail: "gamme " + v.gamme.String()}
	case len(pol.Emetteurs) > 0 && !slices.Contains(pol.Emetteurs, p.Emetteur()):
		return &Refus{Motif: MotifEmetteurNonAdmis, Objet: p.Emetteur()}
	case len(pol.Politiques) > 0 && !p.politiques.unParmi(pol.Politiques):
		return &Refus{Motif: MotifPolitique, Objet: p.Emetteur(), Detail: strings.Join(p.politiques.oids, ", ")}
	}
	return nil
}

func refusMilieu(m Milieu, emetteur string, admis []Milieu) *Refus {
	if m == MilieuTest && slices.Contains(admis, MilieuProduction) {
		return &Refus{Motif: MotifGammeTest, Objet: emetteur}
	}
	return &Refus{Motif: MotifGamme, Objet: emetteur, Detail: "certificat de " + m.String()}
}

func (j *jeuPolitiques) unParmi(admises []string) bool {
	return slices.ContainsFunc(j.oids, func(o string) bool { return slices.Contains(admises, o) })
}

// refuser says why a path no longer leads to trust.
func (v *voie) refuser(vue *instantane, t int64, a time.Time) *Refus {
	if !vue.racines[v.racine()] {
		return &Refus{Motif: MotifAutoriteInconnue, Objet: v.racine().cn, Detail: "racine retirée du magasin"}
	}
	if t >= v.debut && t <= v.fin {
		return nil
	}
	for _, au := range v.autorites {
		if t > au.fin || t < au.debut {
			return &Refus{Motif: MotifAutoriteExpiree, Objet: au.cn, Date: au.cert.NotAfter, A: a}
		}
	}
	return nil
}

// revocation reads the list of each issuer of the path: 24 h of freshness for the
// one that issues leaves, nextUpdate for those above. The root itself is the
// anchor and has no judge. ref: DEC 15, PKI §6.4 (5)
func (m *Magasin) revocation(v *instantane, pol *Politique, p *Porteur, a time.Time) (Verdict, *Refus) {
	verdict := Verdict{Porteur: p}
	s := p.serie
	for i, au := range p.voie.autorites {
		e := v.listes[au.cle]
		if r := m.fraicheur(v, au, e, i == 0 && !p.aptitudes.ca, a); r != nil {
			if !pol.tolere(r) {
				return Verdict{}, r
			}
			verdict.Souple = r
		}
		if e.base != nil {
			if l, revoque := e.chercher(s); revoque {
				return Verdict{}, refusRevoque(l, s, p.voie, i, a)
			}
			if i == 0 {
				verdict.Liste = e.recente()
				if e.delta != nil {
					verdict.Base = e.base
				}
			} else if i <= profondeurMax {
				verdict.Superieures[i-1] = e.base
			}
		}
		s = au.serie
	}
	return verdict, nil
}

// fraicheur says why the list of an authority cannot be relied on at a.
func (m *Magasin) fraicheur(v *instantane, au *autorite, e etatListe, feuilles bool, a time.Time) *Refus {
	if e.base == nil {
		if r := v.rejetees[string(au.cert.RawSubject)]; r != nil {
			return &Refus{Motif: r.Motif, Objet: au.cn, A: a, Detail: "la liste reçue a été refusée"}
		}
		return &Refus{Motif: MotifListeAbsente, Objet: au.cn, A: a}
	}
	recente := e.recente()
	if recente.emission.Sub(a) > ecartHorloge {
		return &Refus{Motif: MotifListeFuture, Objet: au.cn, Date: recente.emission, A: a}
	}
	limite := e.base.prochaine
	if feuilles {
		if d := recente.emission.Add(m.options.FraicheurFeuilles); d.Before(limite) {
			limite = d
		}
	}
	if a.After(limite) {
		return &Refus{Motif: MotifListePerimee, Objet: au.cn, Date: limite, A: a}
	}
	return nil
}

// tolere says whether the soft failure of the service covers the refusal.
func (pol *Politique) tolere(r *Refus) bool {
	switch r.Motif {
	case MotifListeAbsente:
		return pol.EchecSouple > 0
	case MotifListePerimee:
		return pol.EchecSouple > 0 && r.A.Sub(r.Date) <= pol.EchecSouple
	}
	return false
}

func refusRevoque(l entree, s serie, v *voie, i int, a time.Time) *Refus {
	r := &Refus{Motif: MotifRevoque, Serie: s.String(), Date: time.Unix(l.date, 0).UTC(), Raison: l.raison, A: a}
	if i > 0 {
		r.Motif, r.Objet = MotifAutoriteRevoquee, v.autorites[i-1].cn
	}
	return r
}
