package certificat

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Explication is a certificate told to a person: what it is, for whom, what it
// may be used for, and why it would be refused and by what.
type Explication struct {
	Nature      string            `json:"nature"`
	Titulaire   Identite          `json:"titulaire"`
	Gamme       Gamme             `json:"gamme"`
	Milieu      Milieu            `json:"milieu"`
	Debut       time.Time         `json:"debut"`
	Fin         time.Time         `json:"fin"`
	A           time.Time         `json:"a"`
	Cle         string            `json:"cle"`
	Algorithme  string            `json:"algorithme"`
	Usages      []string          `json:"usages"`
	KeyUsage    []string          `json:"keyUsage"`
	ExtKeyUsage []string          `json:"extKeyUsage"`
	Politiques  []string          `json:"politiques"`
	PointsCRL   []string          `json:"pointsCRL"`
	OCSP        []string          `json:"ocsp"`
	Verdicts    []VerdictExplique `json:"verdicts"`
	Constats    []string          `json:"constats"`        // what is worth knowing without being a refusal
	Refus       *RefusExplique    `json:"refus,omitempty"` // when it serves no use at all
}

// VerdictExplique is the answer for one usage.
type VerdictExplique struct {
	Usage   string         `json:"usage"`
	Libelle string         `json:"libelle"`
	Accepte bool           `json:"accepte"`
	Refus   *RefusExplique `json:"refus,omitempty"`
	Liste   string         `json:"liste,omitempty"` // the revocation list used, by number and date
}

// RefusExplique is a refusal as a person reads it.
type RefusExplique struct {
	Motif   Motif  `json:"motif"`
	Phrase  string `json:"phrase"`
	QuiAgit Acteur `json:"quiAgit"`
}

func expliqueRefus(err error) *RefusExplique {
	var r *Refus
	if !errors.As(err, &r) || r == nil {
		return nil
	}
	return &RefusExplique{r.Motif, r.Phrase(), r.QuiAgit()}
}

// Expliquer tells a certificate, DER or PEM (the first certificate of a PEM file
// is told, the others serve as its chain). m may be nil: then only what the
// certificate says of itself is told.
func Expliquer(b []byte, m *Magasin, a time.Time) Explication {
	x := Explication{A: a.UTC()}
	l := Extraire(b, "CERTIFICATE")
	if len(l) == 0 {
		return x.illisible(&Refus{Motif: MotifIllisible, Detail: "aucun certificat dans ce fichier"})
	}
	c, r := lire(l[0])
	if r != nil {
		return x.illisible(r)
	}
	id, err := LireIdentite(c)
	if err != nil {
		return x.illisible(&Refus{Motif: MotifIllisible, Detail: "nom du titulaire"})
	}
	x.decrire(c, id)
	x.constater(c, id)
	if r := faiblesse(c); r != nil {
		x.Refus = expliqueRefus(r)
	}
	if len(c.UnhandledCriticalExtensions) > 0 {
		x.Refus = expliqueRefus(&Refus{Motif: MotifExtensionCritique, Detail: c.UnhandledCriticalExtensions[0].String()})
	}
	x.juger(c, id, m, l, a)
	return x
}

func (x Explication) illisible(r *Refus) Explication {
	x.Nature = "fichier qui n'est pas un certificat lisible"
	x.Refus = expliqueRefus(r)
	return x
}

func (x *Explication) decrire(c *x509.Certificate, id Identite) {
	apt := aptitudesDe(c, id)
	emetteur, _ := ParseDN(c.RawIssuer) // read once by LireIdentite already
	x.Titulaire = id
	x.Gamme, x.Milieu = gammeDe(emetteur)
	x.Debut, x.Fin = c.NotBefore.UTC(), c.NotAfter.UTC()
	x.Cle, x.Algorithme = nomCle(c.PublicKey), c.SignatureAlgorithm.String()
	x.Usages = apt.usages().Libelles()
	x.KeyUsage, x.ExtKeyUsage = nomsKU(apt.ku), nomsEKU(apt.eku)
	x.PointsCRL, x.OCSP = c.CRLDistributionPoints, c.OCSPServer
	for _, p := range c.Policies {
		x.Politiques = append(x.Politiques, p.String())
	}
	x.Nature = nature(c, id, apt)
}

func nature(c *x509.Certificate, id Identite, apt aptitudes) string {
	u := apt.usages()
	switch {
	case c.IsCA && string(c.RawSubject) == string(c.RawIssuer):
		return "autorité de certification racine"
	case c.IsCA:
		return "autorité de certification intermédiaire"
	case u&UsageReponseOCSP != 0:
		return "répondeur OCSP"
	case id.Personne() && u&UsageSignature != 0:
		return "certificat de signature d'une personne"
	case id.Personne():
		return "certificat d'authentification d'une personne"
	case u&UsageCachet != 0:
		return "certificat de cachet d'une structure"
	case u&UsageTLSServeur != 0:
		return "certificat de serveur"
	case u&UsageTLSClient != 0:
		return "certificat d'authentification d'une structure"
	case u&UsageSMIME != 0:
		return "certificat de messagerie"
	case u&UsageConfidentialite != 0:
		return "certificat de confidentialité"
	}
	return "certificat sans usage reconnu"
}

func nomCle(k crypto.PublicKey) string {
	switch k := k.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA %d bits", k.N.BitLen())
	case *ecdsa.PublicKey:
		return "EC " + k.Params().Name
	case ed25519.PublicKey:
		return "Ed25519"
	}
	return "type inconnu"
}

// constater notes what a help desk wants to know before it becomes an outage.
func (x *Explication) constater(c *x509.Certificate, id Identite) {
	note := func(s string, v ...any) { x.Constats = append(x.Constats, fmt.Sprintf(s, v...)) }
	if reste := c.NotAfter.Sub(x.A); reste > 0 && reste < 30*24*time.Hour { // ref: PKI §1 (renewal calendar)
		note("expire dans %s : à renouveler", duree(reste))
	}
	if len(c.AuthorityKeyId) == 0 && !c.IsCA {
		note("sans identifiant de la clé de l'autorité (AKI) : la chaîne peut être ambiguë")
	}
	if len(c.CRLDistributionPoints) == 0 && !c.IsCA {
		note("ne dit pas où trouver la liste de révocation")
	}
	if !c.IsCA && !id.Personne() && id.Structure == "" {
		note("aucun identifiant national de structure (OU) : le certificat ne peut pas désigner un partenaire")
	}
	if x.Milieu != MilieuProduction {
		note("certificat de %s : sans valeur en production", x.Milieu)
	}
	if len(c.DNSNames)+len(c.IPAddresses) == 0 && ekuDe(c)&ekuServeur != 0 {
		note("certificat de serveur sans nom DNS ni adresse (SAN) : aucun client récent ne l'acceptera")
	}
}

// juger asks the store about each usage. Without a store, the certificate's own
// words decide: dates and key usages.
func (x *Explication) juger(c *x509.Certificate, id Identite, m *Magasin, l [][]byte, a time.Time) {
	apt := aptitudesDe(c, id)
	for _, n := range nomsUsage {
		v := VerdictExplique{Usage: n.code, Libelle: n.nom}
		switch {
		case m == nil:
			v.Refus = expliqueSans(c, apt, n.u, a)
		case m.connaitRacine(c):
			v.Refus = expliqueSans(c, apt, n.u, a)
		default:
			verdict, err := m.Juger(c.Raw, l[1:min(len(l), maxChaine+1)], n.u, a)
			v.Refus = expliqueRefus(err)
			if verdict.Liste != nil {
				v.Liste = fmt.Sprintf("n° %s de %s, émise le %s", verdict.Liste.Numero(), verdict.Liste.Emetteur(), instant(verdict.Liste.Emission()))
			}
		}
		v.Accepte = v.Refus == nil
		x.Verdicts = append(x.Verdicts, v)
	}
}

func expliqueSans(c *x509.Certificate, apt aptitudes, u Usage, a time.Time) *RefusExplique {
	switch {
	case a.After(c.NotAfter):
		return expliqueRefus(&Refus{Motif: MotifExpire, Date: c.NotAfter, A: a})
	case a.Before(c.NotBefore):
		return expliqueRefus(&Refus{Motif: MotifPasEncoreValide, Date: c.NotBefore, A: a})
	}
	if r := apt.refuser(u); r != nil {
		return expliqueRefus(r)
	}
	if r := faiblesse(c); r != nil {
		return expliqueRefus(r)
	}
	return nil
}

func (m *Magasin) connaitRacine(c *x509.Certificate) bool {
	for r := range m.vue.Load().racines {
		if r.cert.Equal(c) {
			return true
		}
	}
	return false
}

// Texte tells the explanation in French, one fact a line.
func (x Explication) Texte() string {
	var b strings.Builder
	ligne := func(titre, v string) {
		if v != "" {
			fmt.Fprintf(&b, "%-22s %s\n", titre, v)
		}
	}
	ligne("Nature", x.Nature)
	if x.Titulaire.DN != "" {
		x.texteTitulaire(ligne)
	}
	for _, c := range x.Constats {
		ligne("À savoir", c)
	}
	if x.Refus != nil {
		ligne("Refusé partout", x.Refus.Phrase+" — à corriger par : "+string(x.Refus.QuiAgit))
	}
	for _, v := range x.Verdicts {
		if v.Accepte {
			ligne("Accepté", v.Libelle+parenthese(v.Liste))
		}
	}
	for _, v := range x.Verdicts {
		if !v.Accepte {
			ligne("Refusé", fmt.Sprintf("%s — %s — à corriger par : %s", v.Libelle, v.Refus.Phrase, v.Refus.QuiAgit))
		}
	}
	return b.String()
}

func (x Explication) texteTitulaire(ligne func(titre, v string)) {
	t := x.Titulaire
	ligne("Titulaire", t.DN)
	ligne("Structure", t.Structure)
	ligne("Identifiant national", t.IdNatPS)
	ligne("Émetteur", t.Emetteur)
	ligne("Gamme", fmt.Sprintf("%s, %s", x.Gamme, x.Milieu))
	ligne("Numéro de série", t.Serie)
	ligne("Empreinte SHA-256", t.EmpreinteSHA256)
	ligne("Validité", fmt.Sprintf("du %s au %s", instant(x.Debut), instant(x.Fin)))
	ligne("Clé", x.Cle+", signé en "+x.Algorithme)
	ligne("Usages de clé", strings.Join(append(append([]string{}, x.KeyUsage...), x.ExtKeyUsage...), ", "))
	ligne("Politiques", strings.Join(x.Politiques, ", "))
	ligne("Noms DNS", strings.Join(t.NomsDNS, ", "))
	ligne("Listes de révocation", strings.Join(x.PointsCRL, " "))
}

func parenthese(s string) string {
	if s == "" {
		return ""
	}
	return " (liste " + s + ")"
}
