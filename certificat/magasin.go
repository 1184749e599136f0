package certificat

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// autorite is one certificate of an authority. There is one object per
// certificate in a store, so that a pointer identifies it.
type autorite struct {
	cert      *x509.Certificate
	cn        string
	cle       [32]byte // SHA-256 of subject and key: what a list is attached to
	empreinte [32]byte
	serie     serie
	gamme     Gamme
	milieu    Milieu
	debut     int64
	fin       int64
}

func (a *autorite) autosignee() bool {
	return bytes.Equal(a.cert.RawSubject, a.cert.RawIssuer) && a.cert.CheckSignatureFrom(a.cert) == nil
}

// Options sets a store. The zero value is a working default.
type Options struct {
	// Cache bounds how many holders are remembered; 0 is 131072.
	Cache int
	// AttributStructure is the attribute of the subject that carries Struct_IdNat;
	// nil is OU. ref: ROC §16.3 (configurable attribute)
	AttributStructure asn1.ObjectIdentifier
	// Politique is what Juger applies.
	Politique Politique
	// FraicheurFeuilles is how old a list of an authority that issues leaves may
	// be; 0 is 24 h. ref: DEC 15
	FraicheurFeuilles time.Duration
}

// Magasin is a trust store: roots, intermediates (current and next side by side)
// and revocation lists. It is safe for concurrent use; readers never wait for a
// change.
type Magasin struct {
	options Options
	vue     atomic.Pointer[instantane]
	mu      sync.Mutex // held by those who change the store
	cache   *cache

	internes sync.Mutex
	autorite map[[32]byte]*autorite
	voies    map[string]*voie
	jeux     map[string]*jeuPolitiques
}

// instantane is the whole trust at one moment. It is never changed.
type instantane struct {
	racines  map[*autorite]bool
	connues  []*autorite // roots and intermediates
	parNom   map[string][]*autorite
	poolR    *x509.CertPool
	poolI    *x509.CertPool
	listes   map[[32]byte]etatListe
	rejetees map[string]*Refus // by raw issuer: why the last list was refused
}

// NouveauMagasin makes an empty store: it trusts nobody.
func NouveauMagasin(o Options) *Magasin {
	if o.Cache <= 0 {
		o.Cache = 1 << 17
	}
	if len(o.AttributStructure) == 0 {
		o.AttributStructure = oidOU
	}
	if o.FraicheurFeuilles <= 0 {
		o.FraicheurFeuilles = 24 * time.Hour
	}
	m := &Magasin{options: o, cache: nouveauCache(o.Cache), autorite: map[[32]byte]*autorite{},
		voies: map[string]*voie{}, jeux: map[string]*jeuPolitiques{}}
	m.vue.Store(&instantane{poolR: x509.NewCertPool(), poolI: x509.NewCertPool(), listes: map[[32]byte]etatListe{}})
	return m
}

// RemplacerAutorites replaces roots and intermediates at once. Lists of
// authorities that remain are kept. Nothing changes when one certificate is
// refused.
func (m *Magasin) RemplacerAutorites(racines, intermediaires [][]byte) error {
	r, err := m.lireAutorites(racines)
	if err != nil {
		return err
	}
	for _, a := range r {
		if !a.autosignee() {
			return &Refus{Motif: MotifPasUneAutorite, Objet: a.cn, Detail: "racine non signée par elle-même"}
		}
	}
	i, err := m.lireAutorites(intermediaires)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	v := nouvelleVue(r, i)
	ancienne := m.vue.Load()
	for _, a := range v.connues {
		if e, ok := ancienne.listes[a.cle]; ok {
			v.listes[a.cle] = e
		}
	}
	v.rejetees = ancienne.rejetees
	m.vue.Store(v)
	return nil
}

// AjouterAutorites adds intermediates, the next ones beside the current ones.
func (m *Magasin) AjouterAutorites(intermediaires [][]byte) error {
	v := m.vue.Load()
	var r, i [][]byte
	for _, a := range v.connues {
		if v.racines[a] {
			r = append(r, a.cert.Raw)
		} else {
			i = append(i, a.cert.Raw)
		}
	}
	return m.RemplacerAutorites(r, append(i, intermediaires...))
}

func nouvelleVue(racines, intermediaires []*autorite) *instantane {
	v := &instantane{racines: map[*autorite]bool{}, parNom: map[string][]*autorite{},
		poolR: x509.NewCertPool(), poolI: x509.NewCertPool(), listes: map[[32]byte]etatListe{}}
	vues := map[*autorite]bool{}
	ajouter := func(a *autorite, p *x509.CertPool) {
		if !vues[a] {
			vues[a] = true
			p.AddCert(a.cert)
			v.connues = append(v.connues, a)
			nom := string(a.cert.RawSubject)
			v.parNom[nom] = append(v.parNom[nom], a)
		}
	}
	for _, a := range racines {
		v.racines[a] = true
		ajouter(a, v.poolR)
	}
	for _, a := range intermediaires {
		ajouter(a, v.poolI)
	}
	return v
}

// lireAutorites parses authorities and refuses what is not one.
func (m *Magasin) lireAutorites(ders [][]byte) ([]*autorite, error) {
	var l []*autorite
	for _, der := range ders {
		c, err := Lire(der)
		if err != nil {
			return nil, err
		}
		a, r := m.interner(c)
		if r != nil {
			return nil, r
		}
		l = append(l, a)
	}
	return l, nil
}

// interner gives the one object of an authority's certificate.
func (m *Magasin) interner(c *x509.Certificate) (*autorite, *Refus) {
	emp := sha256.Sum256(c.Raw)
	m.internes.Lock()
	defer m.internes.Unlock()
	if a, ok := m.autorite[emp]; ok {
		return a, nil
	}
	d, err := ParseDN(c.RawSubject)
	if err != nil {
		return nil, &Refus{Motif: MotifIllisible, Detail: "nom de l'autorité"}
	}
	if !c.IsCA || c.KeyUsage&x509.KeyUsageCertSign == 0 {
		return nil, &Refus{Motif: MotifPasUneAutorite, Objet: d.Premier(oidCN)}
	}
	s, _ := serieDe(c.SerialNumber)
	a := &autorite{cert: c, cn: d.Premier(oidCN), empreinte: emp, serie: s,
		cle:   sha256.Sum256(append(slices.Clone(c.RawSubject), c.RawSubjectPublicKeyInfo...)),
		debut: c.NotBefore.Unix(), fin: c.NotAfter.Unix()}
	a.gamme, a.milieu = gammeDe(d)
	m.autorite[emp] = a
	return a, nil
}

// AjouterCRL loads a list, full or delta: its signature is checked against the
// authority it names, once, and it must not be older than the one known. What is
// known stays when the list is refused.
func (m *Magasin) AjouterCRL(der []byte) (*Liste, error) {
	rl, l, r := lireListe(der)
	if r != nil {
		return nil, r
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	v := m.vue.Load()
	a, r := v.signataire(rl)
	if r != nil {
		r.Objet = l.emetteur
		m.noterRejet(v, rl.RawIssuer, r)
		return nil, r
	}
	e, r := v.listes[a.cle].accepter(l)
	if r != nil {
		return nil, r
	}
	l.autorite = a.cle
	n := *v
	n.listes = maps.Clone(v.listes)
	n.listes[a.cle] = e
	n.rejetees = maps.Clone(v.rejetees)
	delete(n.rejetees, string(rl.RawIssuer))
	m.vue.Store(&n)
	return l, nil
}

// signataire finds the authority that signed a list: right name, right key, right
// to sign lists.
func (v *instantane) signataire(rl *x509.RevocationList) (*autorite, *Refus) {
	candidates := v.parNom[string(rl.RawIssuer)]
	if len(candidates) == 0 {
		return nil, &Refus{Motif: MotifAutoriteInconnue, Detail: "liste d'une autorité absente du magasin"}
	}
	if r := algorithmeFaible(rl.SignatureAlgorithm); r != nil {
		return nil, r
	}
	for _, a := range candidates {
		if rl.CheckSignatureFrom(a.cert) == nil {
			return a, nil
		}
	}
	return nil, &Refus{Motif: MotifListeMalSignee}
}

// noterRejet remembers why a list was refused, so that the holders it would have
// judged are told the true cause.
func (m *Magasin) noterRejet(v *instantane, emetteur []byte, r *Refus) {
	if len(v.parNom[string(emetteur)]) == 0 {
		return // bounded by the authorities we know
	}
	n := *v
	n.rejetees = maps.Clone(v.rejetees)
	if n.rejetees == nil {
		n.rejetees = map[string]*Refus{}
	}
	n.rejetees[string(emetteur)] = r
	m.vue.Store(&n)
}

// EtatCRL is what a store knows of the list of one authority.
type EtatCRL struct {
	Autorite  string // common name
	Racine    bool
	Numero    string // "" when no list is known
	Delta     string // number of the delta in force, "" when none
	Emission  time.Time
	Prochaine time.Time
	Nombre    int
}

// Listes tells the state of the list of each authority, for health pages and
// alerts: a stale list served in silence is the classic fault.
func (m *Magasin) Listes() []EtatCRL {
	v := m.vue.Load()
	var l []EtatCRL
	for _, a := range v.connues {
		s := EtatCRL{Autorite: a.cn, Racine: v.racines[a]}
		if e := v.listes[a.cle]; e.base != nil {
			s.Numero, s.Nombre = e.base.Numero(), e.base.Nombre()
			s.Emission, s.Prochaine = e.recente().emission, e.base.prochaine
			if e.delta != nil {
				s.Delta = e.delta.Numero()
			}
		}
		l = append(l, s)
	}
	return l
}

// Racines gives the certificates of the roots, for a TLS server's list of
// acceptable authorities.
func (m *Magasin) Racines() []*x509.Certificate { return m.certificats(true) }

// Intermediaires gives the certificates of the intermediates.
func (m *Magasin) Intermediaires() []*x509.Certificate { return m.certificats(false) }

func (m *Magasin) certificats(racine bool) []*x509.Certificate {
	v := m.vue.Load()
	var l []*x509.Certificate
	for _, a := range v.connues {
		if v.racines[a] == racine {
			l = append(l, a.cert)
		}
	}
	return l
}

// Pool is the pool of roots and intermediates, for tls.Config.ClientCAs: cards
// choose their certificate by that list. ref: PKI §7 (client request)
func (m *Magasin) Pool() *x509.CertPool {
	p := x509.NewCertPool()
	for _, a := range m.vue.Load().connues {
		p.AddCert(a.cert)
	}
	return p
}

var errRien = errors.New("certificat: aucun certificat dans le répertoire des racines")
