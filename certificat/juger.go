package certificat

import (
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"slices"
	"strings"
	"time"
)

// ecartHorloge is how far in the future a list may be dated. ref: ROC §16.3
const ecartHorloge = 300 * time.Second

// Verdict is a holder judged good, now, for the usage asked, and by what means.
type Verdict struct {
	Porteur *Porteur
	Liste   *Liste // the list that judged the leaf; nil only after a soft failure
	Base    *Liste // the full list when Liste is a delta
	Souple  *Refus // not nil: let through by EchecSouple in spite of this
	Connu   bool   // the chain had been built before
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

// construire parses a leaf, builds its chain and keeps what matters of it.
func (m *Magasin) construire(v *instantane, feuille []byte, chaine [][]byte, a time.Time) (*Porteur, *Refus) {
	c, r := lire(feuille)
	if r != nil {
		return nil, r
	}
	if r := faiblesse(c); r != nil {
		return nil, r
	}
	if len(c.UnhandledCriticalExtensions) > 0 {
		return nil, &Refus{Motif: MotifExtensionCritique, Serie: c.SerialNumber.Text(16), Detail: c.UnhandledCriticalExtensions[0].String()}
	}
	id, err := lireIdentite(c, m.options.AttributStructure)
	if err != nil {
		return nil, &Refus{Motif: MotifIllisible, Detail: "nom du titulaire"}
	}
	vo, r := m.chercherVoie(v, c, chaine, a)
	if r != nil {
		return nil, r
	}
	return m.porteur(c, id, vo), nil
}

func (m *Magasin) porteur(c *x509.Certificate, id Identite, vo *voie) *Porteur {
	joint := id.Structure + id.CN + id.Organisation
	n, o := len(id.Structure), len(id.Structure)+len(id.CN)
	p := &Porteur{cle: c.PublicKey, voie: vo, politiques: m.internerPolitiques(c),
		structure: joint[:n], cn: joint[n:o], organisation: joint[o:],
		debut: c.NotBefore.Unix(), fin: c.NotAfter.Unix(), empreinte: sha256.Sum256(c.Raw)}
	p.serie, _ = serieDe(c.SerialNumber)
	p.aptitudes = aptitudesDe(c, id)
	p.usages = p.aptitudes.usages()
	return p
}

func aptitudesDe(c *x509.Certificate, id Identite) aptitudes {
	_, r := c.PublicKey.(*rsa.PublicKey)
	return aptitudes{ku: c.KeyUsage, eku: ekuDe(c), ca: c.IsCA, personne: id.Personne(), rsa: r}
}

func (m *Magasin) internerPolitiques(c *x509.Certificate) *jeuPolitiques {
	var l []string
	for _, o := range c.Policies {
		l = append(l, o.String())
	}
	k := strings.Join(l, " ")
	m.internes.Lock()
	defer m.internes.Unlock()
	j, ok := m.jeux[k]
	if !ok {
		j = &jeuPolitiques{oids: l}
		if len(m.jeux) < 4096 {
			m.jeux[k] = j
		}
	}
	return j
}

// chercherVoie asks crypto/x509 for the chains of a leaf, and keeps the first one
// none of whose authorities is refused.
func (m *Magasin) chercherVoie(v *instantane, c *x509.Certificate, chaine [][]byte, a time.Time) (*voie, *Refus) {
	inter, envoyes, r := v.avecChaine(chaine)
	if r != nil {
		return nil, r
	}
	chaines, err := c.Verify(x509.VerifyOptions{Roots: v.poolR, Intermediates: inter, CurrentTime: a,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	if err != nil {
		return nil, v.diagnostiquer(c, envoyes, err, a)
	}
	var premier *Refus
	for _, ch := range chaines {
		vo, r := m.voieDe(ch[1:])
		if r == nil {
			r = v.revocationVoie(vo, a)
		}
		if r == nil {
			return vo, nil
		}
		if premier == nil {
			premier = r
		}
	}
	return nil, premier
}

// revocationVoie leaves out a path one of whose intermediates is revoked, when
// another path exists.
func (v *instantane) revocationVoie(vo *voie, a time.Time) *Refus {
	for i := 1; i < len(vo.autorites); i++ {
		e := v.listes[vo.autorites[i].cle]
		if e.base == nil {
			continue
		}
		if l, ok := e.chercher(vo.autorites[i-1].serie); ok {
			return refusRevoque(l, vo.autorites[i-1].serie, vo, i, a)
		}
	}
	return nil
}

// avecChaine adds the certificates the holder sent to the intermediates of the
// store. What is not an authority is ignored: it cannot be on a path.
func (v *instantane) avecChaine(chaine [][]byte) (*x509.CertPool, []*x509.Certificate, *Refus) {
	if len(chaine) > maxChaine {
		return nil, nil, &Refus{Motif: MotifTropGros, Detail: "plus de six certificats accompagnent le certificat présenté"}
	}
	var envoyes []*x509.Certificate
	for _, der := range chaine {
		c, r := lire(der)
		if r != nil {
			r.Objet = "certificat joint"
			return nil, nil, r
		}
		if c.IsCA {
			envoyes = append(envoyes, c)
		}
	}
	if len(envoyes) == 0 {
		return v.poolI, nil, nil
	}
	p := v.poolI.Clone()
	for _, c := range envoyes {
		p.AddCert(c)
	}
	return p, envoyes, nil
}

// voieDe gives the one object of a path, after checking the strength of each of
// its authorities.
func (m *Magasin) voieDe(certs []*x509.Certificate) (*voie, *Refus) {
	if len(certs) == 0 { // a root presented as a leaf
		return nil, &Refus{Motif: MotifMauvaisUsage, Detail: "certificat d'une autorité racine"}
	}
	var vo voie
	var k strings.Builder
	for i, c := range certs {
		if i < len(certs)-1 {
			if r := faiblesse(c); r != nil {
				r.Objet = c.Subject.CommonName
				return nil, r
			}
		}
		a, r := m.interner(c)
		if r != nil {
			return nil, r
		}
		vo.autorites = append(vo.autorites, a)
		vo.debut = max(vo.debut, a.debut)
		if i == 0 || a.fin < vo.fin {
			vo.fin = a.fin
		}
		k.Write(a.empreinte[:])
	}
	r := vo.racine()
	vo.gamme, vo.milieu = r.gamme, r.milieu
	return m.internerVoie(k.String(), &vo), nil
}

func (m *Magasin) internerVoie(k string, vo *voie) *voie {
	m.internes.Lock()
	defer m.internes.Unlock()
	if connue, ok := m.voies[k]; ok {
		return connue
	}
	if len(m.voies) < 4096 {
		m.voies[k] = vo
	}
	return vo
}

// diagnostiquer turns the failure of Verify into a motif of the list.
func (v *instantane) diagnostiquer(c *x509.Certificate, envoyes []*x509.Certificate, err error, a time.Time) *Refus {
	var inv x509.CertificateInvalidError
	var crit x509.UnhandledCriticalExtension
	switch {
	case errors.As(err, &inv):
		return refusInvalide(c, inv, a)
	case errors.As(err, &crit):
		return &Refus{Motif: MotifExtensionCritique, Objet: "autorité de la chaîne"}
	}
	return v.emetteurIntrouvable(c, envoyes)
}

func refusInvalide(feuille *x509.Certificate, e x509.CertificateInvalidError, a time.Time) *Refus {
	r := &Refus{A: a}
	laFeuille := e.Cert == nil || e.Cert.Equal(feuille)
	if !laFeuille {
		r.Objet = e.Cert.Subject.CommonName
	}
	switch e.Reason {
	case x509.Expired:
		switch {
		case !laFeuille:
			r.Motif, r.Date = MotifAutoriteExpiree, e.Cert.NotAfter
		case a.Before(feuille.NotBefore):
			r.Motif, r.Date = MotifPasEncoreValide, feuille.NotBefore
		default:
			r.Motif, r.Date = MotifExpire, feuille.NotAfter
		}
	case x509.TooManyIntermediates:
		r.Motif = MotifLongueurChemin
	case x509.NotAuthorizedToSign:
		r.Motif = MotifPasUneAutorite
	case x509.CANotAuthorizedForThisName, x509.TooManyConstraints, x509.UnconstrainedName, x509.NameConstraintsWithoutSANs:
		r.Motif = MotifContrainteNoms
	default:
		r.Motif = MotifAutoriteInconnue
	}
	return r
}

// emetteurIntrouvable tells apart an issuer nobody knows, one whose name is known
// but whose key is another's, a weak signature above, and the TEST hierarchy.
func (v *instantane) emetteurIntrouvable(c *x509.Certificate, envoyes []*x509.Certificate) *Refus {
	nom, err := ParseDN(c.RawIssuer)
	if err != nil {
		return &Refus{Motif: MotifIllisible, Detail: "nom de l'émetteur"}
	}
	r := &Refus{Motif: MotifAutoriteInconnue, Objet: nom.Premier(oidCN), Serie: c.SerialNumber.Text(16)}
	if _, milieu := gammeDe(nom); milieu == MilieuTest && v.production() {
		r.Motif = MotifGammeTest
		return r
	}
	for _, e := range envoyes {
		if string(e.RawSubject) == string(c.RawIssuer) {
			if f := faiblesse(e); f != nil {
				f.Objet = e.Subject.CommonName
				return f
			}
		}
	}
	if len(v.parNom[string(c.RawIssuer)]) > 0 {
		r.Detail = "une autorité de ce nom est connue, mais ce n'est pas sa clé qui a signé"
	}
	return r
}

// production says whether the store trusts a production hierarchy.
func (v *instantane) production() bool {
	for a := range v.racines {
		if a.milieu == MilieuProduction {
			return true
		}
	}
	return false
}
