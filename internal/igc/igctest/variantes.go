package igctest

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
)

// Variante is one certificate of the catalogue, with the verifier that meets it
// and the answer expected.
type Variante struct {
	Nom            string
	Usage          certificat.Usage
	Feuille        []byte
	Chaine         [][]byte // what the holder sends
	Racines        [][]byte // what the verifier trusts
	Intermediaires [][]byte // what the verifier knows
	Listes         [][]byte
	A              time.Time
	Motif          certificat.Motif // 0: accepted
	// Ecart says why openssl verify does not agree; "" when both do.
	Ecart string
}

// atelier gathers the variants; the first error stops it.
type atelier struct {
	*fabrique
	l   []Variante
	err error
}

// Variantes makes the whole catalogue for the instant a. ref: PKI §4.5
func Variantes(a time.Time) ([]Variante, error) {
	f, err := nouvelleFabrique(a)
	if err != nil {
		return nil, err
	}
	x := &atelier{fabrique: f}
	for _, famille := range []func(){x.dates, x.usages, x.noms, x.series, x.cles, x.chaines, x.extensions, x.revocations, x.listes, x.deltas} {
		famille()
		if x.err != nil {
			return nil, fmt.Errorf("igctest: %w", x.err)
		}
	}
	return x.l, nil
}

// ajouter adds a variant judged by an ordinary verifier: both authorities known,
// both lists fresh and empty but for what modifier says.
func (x *atelier) ajouter(nom string, feuille []byte, err error, motif certificat.Motif, modifier ...func(*Variante)) {
	if x.err = firstErr(x.err, err); x.err != nil {
		return
	}
	v := Variante{Nom: nom, Usage: certificat.UsageTLSClient, Feuille: feuille, A: x.a, Motif: motif,
		Racines: [][]byte{x.racine.cert.Raw}, Intermediaires: [][]byte{x.inter.cert.Raw}}
	lr, err1 := x.liste(x.racine, 10, nil)
	li, err2 := x.liste(x.inter, 10, nil)
	v.Listes = [][]byte{lr, li}
	for _, m := range modifier {
		m(&v)
	}
	x.err = firstErr(x.err, err1, err2)
	x.l = append(x.l, v)
}

func firstErr(errs ...error) error {
	for _, e := range errs {
		if e != nil {
			return e
		}
	}
	return nil
}

// simple adds a leaf of the ordinary authority.
func (x *atelier) simple(nom string, motif certificat.Motif, changer func(*x509.Certificate), modifier ...func(*Variante)) {
	der, err := x.feuille(x.inter, changer)
	x.ajouter(nom, der, err, motif, modifier...)
}

func pour(u certificat.Usage) func(*Variante) { return func(v *Variante) { v.Usage = u } }
func ecart(s string) func(*Variante)          { return func(v *Variante) { v.Ecart = s } }
func listes(l ...[]byte) func(*Variante)      { return func(v *Variante) { v.Listes = l } }

func (x *atelier) dates() {
	x.simple("valide", 0, nil)
	for _, j := range []int{30, 7, 1} {
		x.simple(fmt.Sprintf("expire dans %d jours", j), 0, func(t *x509.Certificate) { t.NotAfter = x.a.AddDate(0, 0, j) })
	}
	x.simple("expiré", certificat.MotifExpire, func(t *x509.Certificate) { t.NotAfter = x.a.AddDate(0, 0, -3) })
	x.simple("pas encore valide", certificat.MotifPasEncoreValide, func(t *x509.Certificate) { t.NotBefore = x.a.AddDate(0, 0, 1) })
	x.simple("période finissant à l'instant du contrôle", 0, func(t *x509.Certificate) { t.NotAfter = x.a },
		ecart("RFC 5280 §4.1.2.5 : la période comprend son dernier instant ; openssl l'exclut"))
}

func (x *atelier) usages() {
	ku := func(k x509.KeyUsage, e ...x509.ExtKeyUsage) func(*x509.Certificate) {
		return func(t *x509.Certificate) { t.KeyUsage, t.ExtKeyUsage = k, e }
	}
	sansPurpose := "openssl n'a pas d'usage « cachet » : il ne regarde pas KeyUsage"
	x.simple("nonRepudiation seul présenté en TLS client", certificat.MotifMauvaisUsage, ku(x509.KeyUsageContentCommitment))
	x.simple("nonRepudiation seul présenté en TLS serveur", certificat.MotifMauvaisUsage, ku(x509.KeyUsageContentCommitment), pour(certificat.UsageTLSServeur))
	x.simple("serverAuth seul présenté en TLS client", certificat.MotifMauvaisEKU, ku(x509.KeyUsageDigitalSignature, x509.ExtKeyUsageServerAuth))
	x.simple("clientAuth seul présenté en TLS serveur", certificat.MotifMauvaisEKU, ku(x509.KeyUsageDigitalSignature, x509.ExtKeyUsageClientAuth), pour(certificat.UsageTLSServeur))
	x.simple("client TLS sans EKU", 0, ku(x509.KeyUsageDigitalSignature))
	x.simple("serveur TLS", 0, ku(x509.KeyUsageDigitalSignature, x509.ExtKeyUsageServerAuth), pour(certificat.UsageTLSServeur))
	x.simple("sans KeyUsage", certificat.MotifMauvaisUsage, ku(0, x509.ExtKeyUsageClientAuth),
		ecart("RFC 5280 : KeyUsage absent permet tout ; ici un certificat sans usage dit ne sert à rien"))
	x.simple("cachet", 0, ku(x509.KeyUsageContentCommitment), pour(certificat.UsageCachet))
	x.simple("cachet avec emailProtection", 0, ku(x509.KeyUsageContentCommitment, x509.ExtKeyUsageEmailProtection), pour(certificat.UsageCachet))
	x.simple("authentification présentée comme cachet", certificat.MotifMauvaisUsage, nil, pour(certificat.UsageCachet), ecart(sansPurpose))
	x.simple("cachet avec clientAuth", certificat.MotifMauvaisEKU, ku(x509.KeyUsageContentCommitment, x509.ExtKeyUsageClientAuth),
		pour(certificat.UsageCachet), ecart(sansPurpose))
	x.simple("personne présentée comme cachet", certificat.MotifMauvaisTitulaire, func(t *x509.Certificate) {
		t.KeyUsage, t.ExtKeyUsage, t.RawSubject = x509.KeyUsageContentCommitment, nil, personne(0)
	}, pour(certificat.UsageCachet), ecart("openssl ne distingue pas personne morale et personne physique"))
	x.simple("confidentialité EC", 0, ku(x509.KeyUsageKeyAgreement), pour(certificat.UsageConfidentialite))
	x.simple("authentification présentée pour chiffrer", certificat.MotifMauvaisUsage, nil, pour(certificat.UsageConfidentialite), ecart(sansPurpose))
	x.simple("messagerie", 0, ku(x509.KeyUsageDigitalSignature, x509.ExtKeyUsageEmailProtection), pour(certificat.UsageSMIME))
}

// personne writes the multi-valued RDN of a person in one of three orders; only
// one is the order DER wants. ref: PKI §4.5, PKI §7
func personne(ordre int) []byte {
	m := []attribut{at(42, utf8Tag, "OCÉANE"), at(4, printableTag, "VAUTRIN"), at(3, printableTag, "899900112204")}
	m = append(m[ordre:], m[:ordre]...)
	return nom([]attribut{at(6, printableTag, "FR")}, []attribut{at(12, utf8Tag, "Médecin")}, []attribut{at(11, printableTag, "IGC-LABO")}, m)
}

func (x *atelier) noms() {
	for i := range 3 {
		x.simple(fmt.Sprintf("RDN à plusieurs valeurs, ordre %d", i+1), 0, func(t *x509.Certificate) { t.RawSubject = personne(i) })
	}
	for nom, o := range map[string]attribut{
		"nom en UTF8String":                at(10, utf8Tag, "HÔPITAL DE L'ÎLE"),
		"nom en PrintableString":           at(10, printableTag, "HOPITAL DE L'ILE"),
		"nom en T61String (Latin-1)":       at(10, t61Tag, "H\xd4PITAL DE L'\xceLE"),
		"nom en BMPString":                 at(10, bmpTag, "\x00H\x00\xd4\x00P"),
		"organisation de 64 caractères":    at(10, utf8Tag, strings.Repeat("É", 64)),
		"apostrophe, virgule et guillemet": at(10, utf8Tag, `L'HÔPITAL, dit "LE GRAND" <+>`),
	} {
		x.simple(nom, 0, func(t *x509.Certificate) { t.RawSubject = structure(o) })
	}
	un, err := x.feuille(x.inter, nil)
	if x.err = firstErr(x.err, err); x.err != nil {
		return
	}
	c, err := x509.ParseCertificate(un)
	x.err = firstErr(x.err, err)
	der, err := x.feuilleCle(x.inter, c.PublicKey, func(t *x509.Certificate) { t.RawSubject = structure(at(10, utf8Tag, "CLINIQUE DU VAL")) })
	x.ajouter("même clé, autre nom", der, err, 0)
	x.simple("numéro de série en double", 0, func(t *x509.Certificate) { t.SerialNumber = c.SerialNumber })
}

func (x *atelier) series() {
	der, err := x.feuille(x.inter, nil)
	if x.err = firstErr(x.err, err); x.err != nil {
		return
	}
	laxe := "openssl ne contrôle pas la forme du numéro de série (RFC 5280 §4.1.2.2)"
	for nom, s := range map[string][]byte{
		"numéro de série négatif":      {0x80, 0x01},
		"numéro de série nul":          {0x00},
		"numéro de série de 21 octets": append([]byte{0x7f}, make([]byte, 20)...),
	} {
		d, err := resigner(der, x.inter, s)
		x.ajouter(nom, d, err, certificat.MotifSerie, ecart(laxe))
	}
	d, err := resigner(der, x.inter, append([]byte{0x7f}, make([]byte, 19)...))
	x.ajouter("numéro de série de 20 octets", d, err, 0)
}

func (x *atelier) cles() {
	x.simple("signé en SHA-1", certificat.MotifAlgorithmeFaible, func(t *x509.Certificate) { t.SignatureAlgorithm = x509.ECDSAWithSHA1 })
	rsa2048, err := rsa.GenerateKey(rand.Reader, 2048)
	if x.err = firstErr(x.err, err); x.err != nil {
		return
	}
	der, err := x.feuilleCle(x.inter, rsa2048.Public(), nil)
	x.ajouter("RSA 2048", der, err, 0)
	for _, bits := range []int{1024, 1023} {
		p, err1 := rand.Prime(rand.Reader, bits/2)
		q, err2 := rand.Prime(rand.Reader, bits-bits/2)
		x.err = firstErr(x.err, err1, err2)
		n := new(big.Int).Mul(p, q)
		der, err := x.feuilleCle(x.inter, &rsa.PublicKey{N: n, E: 65537}, nil)
		x.ajouter(fmt.Sprintf("RSA %d", bits), der, err, certificat.MotifCleFaible)
	}
}

func (x *atelier) chaines() {
	x.simple("intermédiaire envoyé par le titulaire et connu", 0, nil, func(v *Variante) { v.Chaine = [][]byte{x.inter.cert.Raw} })
	x.simple("intermédiaire inconnu, non envoyé", certificat.MotifAutoriteInconnue, nil, func(v *Variante) { v.Intermediaires = nil })
	usurpe, err := x.autorite("LABO AC IGC ELEMENTAIRE ORGANISATIONS", nil, nil)
	x.err = firstErr(x.err, err)
	der, err := x.feuille(usurpe, nil)
	x.ajouter("émetteur inconnu du bon nom", der, err, certificat.MotifAutoriteInconnue, func(v *Variante) { v.Chaine = [][]byte{usurpe.cert.Raw} })
	inconnu, err := x.autorite("LABO AC INCONNUE", nil, nil)
	x.err = firstErr(x.err, err)
	der, err = x.feuille(inconnu, nil)
	x.ajouter("autorité inconnue", der, err, certificat.MotifAutoriteInconnue)
	test, err := x.autorite("TEST AC IGC-SANTE FORT PERSONNES", nil, nil)
	x.err = firstErr(x.err, err)
	der, err = x.feuille(test, nil)
	prod, err2 := x.autorite("AC RACINE FICTIVE", nil, nil) // neither TEST nor LABO: stands for production
	x.err = firstErr(x.err, err2)
	prod.cert, err2 = sansLabo(x.fabrique, prod)
	x.err = firstErr(x.err, err2)
	x.ajouter("gamme TEST présentée à un service de production", der, err, certificat.MotifGammeTest, func(v *Variante) { v.Racines = append(v.Racines, prod.cert.Raw) })
	x.longueurs()
}

// sansLabo signs an authority again under a name without LABO; it never leaves
// the tests.
func sansLabo(f *fabrique, n noeud) (*x509.Certificate, error) {
	m, err := f.autoriteCle("AC RACINE FICTIVE", nil, n.cle, func(t *x509.Certificate) {
		t.RawSubject = nom([]attribut{at(6, printableTag, "FR")}, []attribut{at(3, printableTag, "AC RACINE FICTIVE")})
	})
	return m.cert, err
}

func (x *atelier) longueurs() {
	sous, err := x.autorite("LABO SOUS-AC", &x.inter, nil)
	x.err = firstErr(x.err, err)
	der, err := x.feuille(sous, nil)
	ls, err2 := x.liste(sous, 1, nil)
	x.err = firstErr(x.err, err2)
	x.ajouter("pathlen dépassé", der, err, certificat.MotifLongueurChemin, func(v *Variante) {
		v.Intermediaires = append(v.Intermediaires, sous.cert.Raw)
		v.Listes = append(v.Listes, ls)
	})
	mort, err := x.autorite("LABO AC EXPIREE", &x.racine, func(t *x509.Certificate) { t.NotAfter = x.a.AddDate(0, 0, -1) })
	x.err = firstErr(x.err, err)
	der, err = x.feuille(mort, func(t *x509.Certificate) { t.NotAfter = x.a.AddDate(1, 0, 0) })
	lm, err2 := x.liste(mort, 1, nil)
	x.err = firstErr(x.err, err2)
	x.ajouter("autorité intermédiaire expirée", der, err, certificat.MotifAutoriteExpiree, func(v *Variante) {
		v.Intermediaires = append(v.Intermediaires, mort.cert.Raw)
		v.Listes = append(v.Listes, lm)
	})
	faux, err := x.feuille(x.inter, nil)
	c, err2 := x509.ParseCertificate(faux)
	if x.err = firstErr(x.err, err, err2); x.err != nil {
		return
	}
	der, err = x.feuille(noeud{fausseAC(c), x.inter.cle}, nil)
	x.ajouter("feuille signée par une feuille", der, err, certificat.MotifAutoriteInconnue, func(v *Variante) { v.Chaine = [][]byte{faux} })
}

// fausseAC lets a leaf be written as an issuer.
func fausseAC(c *x509.Certificate) *x509.Certificate {
	f := *c
	f.PublicKey = nil
	return &f
}

func (x *atelier) extensions() {
	inconnue := pkix.Extension{Id: asn1.ObjectIdentifier{2, 999, 7}, Value: []byte{0x05, 0x00}}
	x.simple("extension inconnue non critique", 0, func(t *x509.Certificate) { t.ExtraExtensions = append(t.ExtraExtensions, inconnue) })
	inconnue.Critical = true
	critique := inconnue
	x.simple("extension critique inconnue", certificat.MotifExtensionCritique, func(t *x509.Certificate) { t.ExtraExtensions = append(t.ExtraExtensions, critique) })
	sansAKI := x.inter
	c := *x.inter.cert
	c.SubjectKeyId, c.PublicKey = nil, x.inter.cle.Public().(*ecdsa.PublicKey)
	sansAKI.cert = &c
	der, err := x.feuille(sansAKI, nil)
	x.ajouter("sans identifiant de clé d'autorité (AKI)", der, err, 0)
}

func (x *atelier) revocations() {
	for raison := range 11 {
		if raison == 7 || raison == 8 { // unused; deltas only
			continue
		}
		der, err := x.feuille(x.inter, nil)
		x.err = firstErr(x.err, err)
		li, err2 := x.liste(x.inter, 10, x.revoque(der, raison))
		lr, err3 := x.liste(x.racine, 10, nil)
		x.err = firstErr(x.err, err2, err3)
		x.ajouter(fmt.Sprintf("révoqué, raison %d (%s)", raison, certificat.Raison(raison)), der, err, certificat.MotifRevoque, listes(lr, li))
	}
	lr, err := x.liste(x.racine, 10, x.revoque(x.inter.cert.Raw, 2))
	li, err2 := x.liste(x.inter, 10, nil)
	x.err = firstErr(x.err, err, err2)
	x.simple("autorité intermédiaire révoquée", certificat.MotifAutoriteRevoquee, nil, listes(lr, li))
}

func (x *atelier) listes() {
	liste := func(n noeud, c func(*x509.RevocationList)) []byte {
		l, err := x.liste(n, 10, c)
		x.err = firstErr(x.err, err)
		return l
	}
	de := func(emission, prochaine time.Duration) func(*x509.RevocationList) {
		return func(l *x509.RevocationList) { l.ThisUpdate, l.NextUpdate = x.a.Add(emission), x.a.Add(prochaine) }
	}
	lr, li := liste(x.racine, nil), liste(x.inter, nil)
	x.simple("liste de l'intermédiaire absente", certificat.MotifListeAbsente, nil, listes(lr))
	x.simple("liste de la racine absente", certificat.MotifListeAbsente, nil, listes(li))
	x.simple("liste expirée", certificat.MotifListePerimee, nil, listes(lr, liste(x.inter, de(-30*24*time.Hour, -time.Hour))))
	x.simple("liste de la racine expirée", certificat.MotifListePerimee, nil, listes(liste(x.racine, de(-30*24*time.Hour, -time.Hour)), li))
	x.simple("liste de 25 h encore dans sa période", certificat.MotifListePerimee, nil, listes(lr, liste(x.inter, de(-25*time.Hour, 6*24*time.Hour))),
		ecart("24 h de fraîcheur pour les autorités qui émettent des feuilles (décision 15) ; openssl ne regarde que nextUpdate"))
	x.simple("liste de la racine de 25 h", 0, nil, listes(liste(x.racine, de(-25*time.Hour, 6*24*time.Hour)), li))
	x.simple("liste datée du futur", certificat.MotifListeFuture, nil, listes(lr, liste(x.inter, de(time.Hour, 24*time.Hour))))
	voleur, err := x.autorite("LABO AC IGC ELEMENTAIRE ORGANISATIONS", nil, func(t *x509.Certificate) { t.SubjectKeyId = x.inter.cert.SubjectKeyId })
	x.err = firstErr(x.err, err)
	x.simple("liste signée par une autre clé", certificat.MotifListeMalSignee, nil, listes(lr, liste(voleur, nil)))
	partielle := func(l *x509.RevocationList) {
		l.ExtraExtensions = append(l.ExtraExtensions, pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 28}, Critical: true,
			Value: []byte{0x30, 0x03, 0x82, 0x01, 0xff}}) // onlyContainsCACerts
	}
	x.simple("liste limitée aux autorités", certificat.MotifListeAbsente, nil, listes(lr, liste(x.inter, partielle)))
}

func (x *atelier) deltas() {
	der, err := x.feuille(x.inter, nil)
	liste := func(numero int64, c ...func(*x509.RevocationList)) []byte {
		l, err := x.liste(x.inter, numero, func(l *x509.RevocationList) {
			for _, f := range c {
				f(l)
			}
		})
		x.err = firstErr(x.err, err)
		return l
	}
	lr, err2 := x.liste(x.racine, 10, nil)
	x.err = firstErr(x.err, err2)
	propre, suspendue := liste(10), liste(10, x.revoque(der, 6))
	x.ajouter("révoqué dans la différentielle", der, err, certificat.MotifRevoque, listes(lr, propre, liste(11, deltaDe(10), x.revoque(der, 1))))
	x.ajouter("suspendu dans la liste pleine", der, err, certificat.MotifRevoque, listes(lr, suspendue))
	x.ajouter("suspension levée par la différentielle", der, err, 0, listes(lr, suspendue, liste(11, deltaDe(10), x.revoque(der, 8))))
	x.ajouter("différentielle sans base", der, err, certificat.MotifListeAbsente, listes(lr, liste(11, deltaDe(10))))
	x.ajouter("différentielle d'une base trop récente", der, err, 0, listes(lr, propre, liste(15, deltaDe(14), x.revoque(der, 8))))
}
