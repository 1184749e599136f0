package certificat

import (
	"crypto"
	"sync"
	"time"
)

// Porteur is what is worth keeping of a holder once its chain was built: some
// four hundred bytes, so that a hundred thousand sealers stay in memory. It is
// never changed; a value of it says nothing about today: only a Verdict does.
type Porteur struct {
	cle          crypto.PublicKey
	voie         *voie
	politiques   *jeuPolitiques
	structure    string // the three strings share one allocation
	cn           string
	organisation string
	titre        string // of a person
	debut, fin   int64
	empreinte    [32]byte
	serie        serie
	aptitudes    aptitudes
	usages       Usage
}

// Cle is the holder's public key.
func (p *Porteur) Cle() crypto.PublicKey { return p.cle }

// Structure is the Struct_IdNat of the certificate, "" when it has none.
func (p *Porteur) Structure() string { return p.structure }

// Titulaire names who holds the certificate: the Struct_IdNat of a structure, the
// IdNat_PS of a person. ref: PKI §3
func (p *Porteur) Titulaire() string {
	if p.aptitudes.personne {
		return p.cn
	}
	return p.structure
}

// CN is the common name: the service, or the person's national identifier.
func (p *Porteur) CN() string { return p.cn }

// Organisation is the raison sociale.
func (p *Porteur) Organisation() string { return p.organisation }

// Titre is the label of the profession of a person, as his card writes it: "Pharmacien".
// ref: PKI §4.3
func (p *Porteur) Titre() string { return p.titre }

// Personne says whether the holder is a natural person.
func (p *Porteur) Personne() bool { return p.aptitudes.personne }

// Serie is the serial number, hexadecimal.
func (p *Porteur) Serie() string { return p.serie.String() }

// Empreinte is the SHA-256 of the certificate.
func (p *Porteur) Empreinte() [32]byte { return p.empreinte }

// Emetteur is the common name of the issuing authority.
func (p *Porteur) Emetteur() string { return p.voie.autorites[0].cn }

// Gamme is the gamme of the issuing hierarchy.
func (p *Porteur) Gamme() Gamme { return p.voie.gamme }

// Milieu is the world of the issuing hierarchy.
func (p *Porteur) Milieu() Milieu { return p.voie.milieu }

// Usages is every purpose the certificate can serve.
func (p *Porteur) Usages() Usage { return p.usages }

// Debut is notBefore.
func (p *Porteur) Debut() time.Time { return time.Unix(p.debut, 0).UTC() }

// Fin is notAfter.
func (p *Porteur) Fin() time.Time { return time.Unix(p.fin, 0).UTC() }

// Chaine is the DER of the authorities above the leaf, root last. Do not write in
// it. ref: DEC 16
func (p *Porteur) Chaine() [][]byte {
	l := make([][]byte, len(p.voie.autorites))
	for i, a := range p.voie.autorites {
		l[i] = a.cert.Raw
	}
	return l
}

// voie is the path from an issuing authority to a root, shared by all the leaves
// below it.
type voie struct {
	autorites []*autorite // issuer first, root last
	debut     int64       // the latest notBefore and earliest notAfter of the path
	fin       int64
	gamme     Gamme
	milieu    Milieu
}

func (v *voie) racine() *autorite { return v.autorites[len(v.autorites)-1] }

// jeuPolitiques is a set of certificate policies, one object per distinct set.
type jeuPolitiques struct{ oids []string }

// cache keeps holders by the SHA-256 of their leaf, in shards. A full shard drops
// one holder taken at random: the reader then needs no write to be remembered,
// and no sequence of certificates can be chosen that defeats it.
type cache struct {
	bornes int // per shard
	parts  [64]partCache
}

type partCache struct {
	mu sync.RWMutex
	m  map[[32]byte]*Porteur
}

func nouveauCache(n int) *cache {
	c := &cache{bornes: max(1, n/64)}
	for i := range c.parts {
		c.parts[i].m = map[[32]byte]*Porteur{}
	}
	return c
}

func (c *cache) lire(k *[32]byte) *Porteur {
	p := &c.parts[k[0]&63]
	p.mu.RLock()
	v := p.m[*k]
	p.mu.RUnlock()
	return v
}

func (c *cache) ecrire(v *Porteur) {
	p := &c.parts[v.empreinte[0]&63]
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, ok := p.m[v.empreinte]; !ok && len(p.m) >= c.bornes {
		for k := range p.m {
			delete(p.m, k)
			break
		}
	}
	p.m[v.empreinte] = v
}

func (c *cache) oublier(k *[32]byte) {
	p := &c.parts[k[0]&63]
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.m, *k)
}
