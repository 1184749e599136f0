package visiodroits_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"math/big"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

func motif(err error) visiodroits.Motif {
	var r *visiodroits.RefusListe
	if errors.As(err, &r) {
		return r.Motif
	}
	return 0
}

// x finds the tolerance of the insurer's DLD: which list is in force.
func x(t testing.TB, c *visiodroits.Classeur, numero string, a time.Time) int {
	t.Helper()
	s, err := c.Service(visiodroits.Recherche{NumeroAMC: amc(t, numero), Service: visiodroits.DLD, Date: jour}, a)
	if err != nil {
		return -1
	}
	return s.NbJoursTolerance
}

func jours(n int) func(*visiodroits.EntreeService) {
	return func(e *visiodroits.EntreeService) { e.NbJoursTolerance = n }
}

func TestDeposer(t *testing.T) {
	b := nouveau(t)
	c := b.classeur(attendu(visiodroits.GenreServices, operateur))
	une := complete(t, tete(1, lundi), entree(t, "99000001", jours(1)), entree(t, "99000002"))
	d := b.deposer(c, sceller(b, une), lundi)
	if d.Inchangee || d.AVenir || d.EnTete.Nombre != 2 || x(t, c, "99000001", lundi) != 1 {
		t.Fatalf("%+v", d)
	}
	if d := b.deposer(c, sceller(b, une), lundi); !d.Inchangee {
		t.Errorf("la même liste : %+v", d)
	}
	deux := complete(t, tete(2, lundi.Add(time.Hour)), entree(t, "99000001", jours(2)), entree(t, "99000003"))
	p := partielle(t, une, deux)
	if len(p.Entrees) != 2 || !slices.Equal(p.Retraits, []string{"99000002|||DLD|2026-01-01"}) {
		t.Fatalf("partielle : %d entrées, %v", len(p.Entrees), p.Retraits)
	}
	a := lundi.Add(time.Hour)
	b.deposer(c, sceller(b, p), a)
	if x(t, c, "99000001", a) != 2 || x(t, c, "99000003", a) != 15 || x(t, c, "99000002", a) != -1 {
		t.Error("la liste partielle n'est pas en vigueur")
	}
	if d := b.deposer(c, sceller(b, deux), a); !d.Inchangee {
		t.Errorf("la même, complète : %+v", d)
	}
	trois := complete(t, tete(3, lundi.Add(2*time.Hour)), entree(t, "99000001", jours(3)))
	b.deposer(c, sceller(b, partielle(t, une, trois)), lundi.Add(2*time.Hour)) // on the base kept
	if x(t, c, "99000001", lundi.Add(2*time.Hour)) != 3 {
		t.Error("une liste partielle sur la dernière complète")
	}

	autre := b.classeur(attendu(visiodroits.GenreServices, operateur))
	if err := autre.Reprendre(c.Pieces(), lundi.Add(3*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if x(t, autre, "99000001", lundi.Add(3*time.Hour)) != 3 || len(c.Pieces()) != 2 {
		t.Errorf("ce qui est gardé ne refait pas le classeur : %d pièces", len(c.Pieces()))
	}
}

// Whatever is refused says why and changes nothing.
func TestDeposerRefuse(t *testing.T) {
	b := nouveau(t)
	a := lundi.Add(time.Hour)
	cinq := complete(t, tete(5, lundi), entree(t, "99000001", jours(5)))
	bonne := func(h visiodroits.EnTete) []byte { return sceller(b, complete(t, h, entree(t, "99000001", jours(99)))) }
	forge := func(f func(*visiodroits.Liste[visiodroits.EntreeService])) []byte {
		l := complete(t, tete(6, lundi), entree(t, "99000001", jours(99)))
		f(l)
		s, err := b.cachet.REST(l.Message(), nil, lundi)
		if err != nil {
			t.Fatal(err)
		}
		return s.Octets
	}
	brut := func(message, chaine string) []byte {
		var r []byte
		if chaine != "" {
			r = []byte(chaine)
		}
		s, err := b.cachet.REST([]byte(message), r, lundi)
		if err != nil {
			t.Fatal(err)
		}
		return s.Octets
	}
	six := string(complete(t, tete(6, lundi), entree(t, "99000001", jours(99))).Message())
	b2 := nouveau(t) // another authority
	autreStructure := &banc{t, b.id, b.id.Emettre(t, "2111111111", lundi)}
	base := complete(t, tete(4, lundi), entree(t, "99000001", jours(4)))
	for nom, cas := range map[string]struct {
		octets []byte
		want   visiodroits.Motif
	}{
		"plus ancienne":              {bonne(tete(4, lundi)), visiodroits.MotifRecul},
		"même numéro":                {bonne(tete(5, lundi)), visiodroits.MotifDeuxVersions},
		"même numéro, autre date":    {sceller(b, complete(t, tete(5, lundi.Add(time.Minute)), entree(t, "99000001", jours(5)))), visiodroits.MotifDeuxVersions},
		"vide":                       {nil, visiodroits.MotifIllisible},
		"un octet de moins":          {bonne(tete(6, lundi))[1:], visiodroits.MotifIllisible},
		"altérée":                    {bytes.Replace(bonne(tete(6, lundi)), []byte(`"nbJoursTolerance":99`), []byte(`"nbJoursTolerance":98`), 1), visiodroits.MotifSceau},
		"sans sceau":                 {[]byte(`{"message":` + six + `}`), visiodroits.MotifIllisible},
		"autre autorité":             {sceller(b2, complete(t, tete(6, lundi), entree(t, "99000001"))), visiodroits.MotifCertificat},
		"scellée par un autre":       {sceller(autreStructure, complete(t, tete(6, lundi), entree(t, "99000001"))), visiodroits.MotifEmetteur},
		"autre émetteur":             {bonne(visiodroits.EnTete{Emetteur: "X", Numero: 6, DateEmission: lundi, ProchaineEmission: a}), visiodroits.MotifEmetteur},
		"autre genre":                {sceller(b, complete(t, tete(6, lundi), visiodroits.EtatService{Etat: visiodroits.Operationnel})), visiodroits.MotifEmetteur},
		"avec un relais":             {brut(six, `{"maillon":[]}`), visiodroits.MotifIllisible},
		"membre inconnu":             {brut(strings.Replace(six, `{"entete"`, `{"autre":1,"entete"`, 1), ""), visiodroits.MotifIllisible},
		"membre inconnu d'entrée":    {brut(strings.Replace(six, `"libelle"`, `"kilo":1,"libelle"`, 1), ""), visiodroits.MotifEntree},
		"sans entrées":               {brut(`{"entete":`+six[strings.Index(six, `{"dateEmission`):strings.Index(six, `,"entrees"`)]+`}`, ""), visiodroits.MotifIllisible},
		"sans effet":                 {forge(func(l *visiodroits.Liste[visiodroits.EntreeService]) { l.EnTete.Effet = time.Time{} }), visiodroits.MotifIllisible},
		"effet avant l'émission":     {forge(func(l *visiodroits.Liste[visiodroits.EntreeService]) { l.EnTete.Effet = lundi.Add(-time.Hour) }), visiodroits.MotifDate},
		"terme avant l'émission":     {forge(func(l *visiodroits.Liste[visiodroits.EntreeService]) { l.EnTete.ProchaineEmission = lundi }), visiodroits.MotifDate},
		"base après":                 {forge(func(l *visiodroits.Liste[visiodroits.EntreeService]) { l.EnTete.Base = 6 }), visiodroits.MotifDate},
		"autre profil":               {forge(func(l *visiodroits.Liste[visiodroits.EntreeService]) { l.EnTete.Profil = "autre/1" }), visiodroits.MotifDate},
		"empreinte fausse":           {forge(func(l *visiodroits.Liste[visiodroits.EntreeService]) { l.Entrees[0].NbJoursTolerance = 1 }), visiodroits.MotifEmpreinte},
		"nombre faux":                {forge(func(l *visiodroits.Liste[visiodroits.EntreeService]) { l.EnTete.Nombre = 2 }), visiodroits.MotifEmpreinte},
		"entrée sans adresse":        {forge(func(l *visiodroits.Liste[visiodroits.EntreeService]) { l.Entrees[0].Adresse = "" }), visiodroits.MotifEntree},
		"adresse en clair":           {forge(func(l *visiodroits.Liste[visiodroits.EntreeService]) { l.Entrees[0].Adresse = "http://a.invalid" }), visiodroits.MotifEntree},
		"entrée en double":           {forge(func(l *visiodroits.Liste[visiodroits.EntreeService]) { l.Entrees = append(l.Entrees, l.Entrees[0]) }), visiodroits.MotifEntree},
		"retraits dans une complète": {forge(func(l *visiodroits.Liste[visiodroits.EntreeService]) { l.Retraits = []string{"z"} }), visiodroits.MotifIllisible},
		"émise demain":               {bonne(tete(6, lundi.Add(26*time.Hour))), visiodroits.MotifDate},
		"sans sa base": {sceller(b, partielle(t, complete(t, tete(6, lundi), entree(t, "99000009")),
			complete(t, tete(7, lundi), entree(t, "99000001")))), visiodroits.MotifSansBase},
		"base d'un autre contenu, rien de retiré": {sceller(b, partielle(t, complete(t, tete(5, lundi), entree(t, "99000001", jours(6))),
			complete(t, tete(6, lundi), entree(t, "99000001", jours(6)), entree(t, "99000008")))), visiodroits.MotifEmpreinte},
		"sans les en-têtes JAdES": {sansBaseline(t, b, six), visiodroits.MotifSceau},
		"base d'un autre contenu": {sceller(b, partielle(t, complete(t, tete(5, lundi), entree(t, "99000001"), entree(t, "99000007")),
			complete(t, tete(6, lundi), entree(t, "99000001"), entree(t, "99000008")))), visiodroits.MotifEmpreinte},
		"partielle sur ce qui est passé": {sceller(b, partielle(t, base, complete(t, tete(6, lundi), entree(t, "99000001")))), visiodroits.MotifSansBase},
		"trop grosse":                    {make([]byte, visiodroits.TailleMax+1), visiodroits.MotifTaille},
	} {
		c := b.classeur(attendu(visiodroits.GenreServices, operateur))
		b.deposer(c, sceller(b, base), a)
		b.deposer(c, sceller(b, cinq), a)
		_, err := c.Deposer(cas.octets, a)
		if motif(err) != cas.want {
			t.Errorf("%s : %v, want %q", nom, err, cas.want)
			continue
		}
		if err.Error() == "" || x(t, c, "99000001", a) != 5 {
			t.Errorf("%s : la liste en vigueur a changé", nom)
		}
		if complete := errors.Is(err, visiodroits.ErrDemanderComplete); complete != (cas.want == visiodroits.MotifSansBase || cas.want == visiodroits.MotifEmpreinte) {
			t.Errorf("%s : demander la complète %t", nom, complete)
		}
	}
}

// sansBaseline seals as any JWS library does: good, but without saying when nor by
// which certificate.
func sansBaseline(t *testing.T, b *banc, message string) []byte {
	t.Helper()
	cle, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{SerialNumber: big.NewInt(77), NotBefore: lundi.Add(-time.Hour), NotAfter: lundi.Add(time.Hour * 9),
		Subject: pkix.Name{OrganizationalUnit: []string{structure}, CommonName: "CACHET"}, KeyUsage: x509.KeyUsageContentCommitment, BasicConstraintsValid: true},
		b.id.AC, &cle.PublicKey, b.id.CleAC)
	if err != nil {
		t.Fatal(err)
	}
	entete := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"ES256","b64":false,"crit":["b64"],"x5c":["` + base64.StdEncoding.EncodeToString(der) + `"]}`))
	d := sha256.Sum256([]byte(entete + "." + message))
	r, s, err := ecdsa.Sign(rand.Reader, cle, d[:])
	if err != nil {
		t.Fatal(err)
	}
	octets := []byte(`{"message":` + message + `,"scellement":"` + entete + ".." + base64.RawURLEncoding.EncodeToString(append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)) + `"}`)
	if _, err := (&sceau.Ouvreur{Juge: b.id.Juge}).REST(octets, lundi); err != nil {
		t.Fatalf("ce sceau devait être bon par ailleurs : %v", err)
	}
	return octets
}

func TestHorsMandat(t *testing.T) {
	b := nouveau(t)
	at := attendu(visiodroits.GenreServices, operateur)
	at.Pour = []visiodroits.Emetteur{"99000001", "0099000002"}
	c := b.classeur(at)
	b.deposer(c, sceller(b, complete(t, tete(1, lundi), entree(t, "99000001"), entree(t, "99000002"))), lundi)
	_, err := c.Deposer(sceller(b, complete(t, tete(2, lundi), entree(t, "99000001"), entree(t, "99000003"))), lundi)
	if motif(err) != visiodroits.MotifHorsMandat {
		t.Errorf("%v", err)
	}
}

// A list waits for its day, then holds without anybody doing anything; a later
// decision passes it for ever.
func TestEffetAVenir(t *testing.T) {
	b := nouveau(t)
	demain := lundi.Add(20 * time.Hour) // the test certificates hold a day
	plusTard := func(n int64, effet time.Time, x int) []byte {
		h := tete(n, lundi)
		h.Effet, h.ProchaineEmission = effet, lundi.Add(96*time.Hour)
		return sceller(b, complete(t, h, entree(t, "99000001", jours(x))))
	}
	c := b.classeur(attendu(visiodroits.GenreServices, operateur))
	if d := b.deposer(c, plusTard(7, demain, 7), lundi); !d.AVenir || x(t, c, "99000001", lundi) != -1 {
		t.Errorf("avant son jour : %+v", d)
	}
	b.deposer(c, plusTard(5, lundi, 5), lundi) // came after, decided before
	for a, want := range map[time.Time]int{lundi: 5, demain.Add(-time.Millisecond): 5, demain: 7} {
		if got := x(t, c, "99000001", a); got != want {
			t.Errorf("%s : %d, want %d", a, got, want)
		}
	}
	if e := c.Etats(lundi)[0]; e.Numero != 5 || len(e.AVenir) != 1 || e.AVenir[0].Numero != 7 {
		t.Errorf("%+v", e)
	}
	autre := b.classeur(attendu(visiodroits.GenreServices, operateur))
	if err := autre.Reprendre(c.Pieces(), lundi); err != nil {
		t.Fatal(err)
	}
	if x(t, autre, "99000001", lundi) != 5 || x(t, autre, "99000001", demain) != 7 {
		t.Error("ce qui est gardé perd une liste à venir")
	}
	b.deposer(c, plusTard(8, lundi.Add(time.Hour), 8), lundi.Add(time.Hour))
	if x(t, c, "99000001", lundi.Add(time.Hour)) != 8 || x(t, c, "99000001", demain.Add(time.Hour)) != 8 {
		t.Error("une liste dépassée par une décision plus récente s'applique à son jour")
	}
	if _, err := c.Deposer(plusTard(7, demain, 7), demain); motif(err) != visiodroits.MotifRecul {
		t.Errorf("recul : %v", err)
	}
	for n := int64(10); n < 18; n++ {
		b.deposer(c, plusTard(n, demain.Add(time.Duration(n)*time.Hour), 1), lundi.Add(time.Hour))
	}
	if _, err := c.Deposer(plusTard(18, demain.Add(18*time.Hour), 1), lundi.Add(time.Hour)); motif(err) != visiodroits.MotifTropAVenir {
		t.Errorf("trop de listes à venir : %v", err)
	}
}

func TestFraicheur(t *testing.T) {
	b := nouveau(t)
	c := b.classeur(attendu(visiodroits.GenreServices, operateur))
	if e := c.Etats(lundi)[0]; e.Fraicheur != visiodroits.Absente || e.Age(lundi) != 0 {
		t.Errorf("%+v", e)
	}
	une := complete(t, tete(1, lundi), entree(t, "99000001"))
	b.deposer(c, sceller(b, une), lundi)
	for a, want := range map[time.Duration]visiodroits.Fraicheur{
		0: visiodroits.Fraiche, 24 * time.Hour: visiodroits.Fraiche, 24*time.Hour + 1: visiodroits.EnRetard,
		48 * time.Hour: visiodroits.EnRetard, 48*time.Hour + 1: visiodroits.Perimee,
		-300 * time.Second: visiodroits.Absente, // not in force yet by this clock
	} {
		if e := c.Etats(lundi.Add(a))[0]; e.Fraicheur != want {
			t.Errorf("%s : %s, want %s", a, e.Fraicheur, want)
		}
	}
	// An unreadable later list: what is in force is known not to be the last word.
	trois := complete(t, tete(3, lundi), entree(t, "99000001", jours(3)))
	deux := complete(t, tete(2, lundi), entree(t, "99000002"))
	if _, err := c.Deposer(sceller(b, partielle(t, deux, trois)), lundi); motif(err) != visiodroits.MotifSansBase {
		t.Fatal(err)
	}
	if e := c.Etats(lundi)[0]; e.Fraicheur != visiodroits.Incomplete || e.Plus != 3 || e.Refus == nil || e.Numero != 1 {
		t.Errorf("%+v", e)
	}
	b.deposer(c, sceller(b, deux), lundi)
	if e := c.Etats(lundi)[0]; e.Fraicheur != visiodroits.Incomplete || e.Numero != 2 {
		t.Errorf("%+v", e)
	}
	b.deposer(c, sceller(b, trois), lundi)
	if e := c.Etats(lundi)[0]; e.Fraicheur != visiodroits.Fraiche || e.Refus != nil || e.Age(lundi.Add(time.Hour)) != time.Hour {
		t.Errorf("%+v", e)
	}
}

func TestNouveauClasseurRefuse(t *testing.T) {
	for nom, l := range map[string][]visiodroits.Attendu{
		"double":         {attendu(visiodroits.GenreEtat, "A"), attendu(visiodroits.GenreEtat, "A")},
		"genre":          {attendu("AUTRE", "A")},
		"sans structure": {{Genre: visiodroits.GenreEtat, Emetteur: "A"}},
	} {
		if _, err := visiodroits.NouveauClasseur(nil, l...); err == nil {
			t.Error(nom)
		}
	}
}

func TestCompleteRefuse(t *testing.T) {
	h := tete(1, lundi)
	for nom, l := range map[string][]visiodroits.EntreeService{
		"double":         {entree(t, "99000001"), entree(t, "99000001")},
		"chevauchement":  {entree(t, "99000001", periode(jour-9, jour)), entree(t, "99000001", periode(jour, 0))},
		"CSR seul":       {entree(t, "99000001", func(e *visiodroits.EntreeService) { e.CSRMotif = "9?" })},
		"période":        {entree(t, "99000001", periode(jour, jour-1))},
		"X":              {entree(t, "99000001", jours(366))},
		"fermé, adresse": {entree(t, "99000001", func(e *visiodroits.EntreeService) { e.Statut = visiodroits.NonOuvert })},
		"horaires": {entree(t, "99000001", func(e *visiodroits.EntreeService) {
			e.Horaires = []visiodroits.Horaire{{Jour: 1, De: "18:00", A: "08:00"}}
		})},
		"clé suivante": {entree(t, "99000001", func(e *visiodroits.EntreeService) { e.KidSuivant = e.KidCourant })},
		"mandat": {entree(t, "99000001", func(e *visiodroits.EntreeService) {
			e.DepannageMandat = &visiodroits.Mandat{Operateur: operateur, Debut: jour, Fin: jour - 1}
		})},
	} {
		if _, err := visiodroits.Complete(h, l); !errors.Is(err, visiodroits.ErrListe) {
			t.Errorf("%s : %v", nom, err)
		}
	}
	for nom, f := range map[string]func(*visiodroits.EnTete){
		"numéro":   func(h *visiodroits.EnTete) { h.Numero = 0 },
		"émetteur": func(h *visiodroits.EnTete) { h.Emetteur = "a/b" },
		"terme":    func(h *visiodroits.EnTete) { h.ProchaineEmission = h.DateEmission },
		"effet":    func(h *visiodroits.EnTete) { h.Effet = h.DateEmission.Add(-time.Second) },
	} {
		h := tete(1, lundi)
		f(&h)
		if _, err := visiodroits.Complete(h, []visiodroits.EntreeService{entree(t, "99000001")}); !errors.Is(err, visiodroits.ErrListe) {
			t.Errorf("%s : %v", nom, err)
		}
	}
	un, deux := complete(t, tete(1, lundi), entree(t, "99000001")), complete(t, tete(2, lundi), entree(t, "99000001"))
	for nom, l := range map[string][2]*visiodroits.Liste[visiodroits.EntreeService]{"à l'envers": {deux, un}, "la même": {un, un}, "sur une partielle": {partielle(t, un, deux), deux}} {
		if _, err := visiodroits.Partielle(l[0], l[1]); !errors.Is(err, visiodroits.ErrListe) {
			t.Errorf("%s : %v", nom, err)
		}
	}
}

// A partial list builds on one number of one issuer, and on nothing partial.
func TestAppliquerRefuse(t *testing.T) {
	un, deux, trois := complete(t, tete(1, lundi), entree(t, "99000001")), complete(t, tete(2, lundi), entree(t, "99000001")), complete(t, tete(3, lundi), entree(t, "99000001"))
	h := tete(1, lundi)
	h.Emetteur = "AUTRE"
	p := partielle(t, un, trois)
	for nom, base := range map[string]*visiodroits.Liste[visiodroits.EntreeService]{
		"autre numéro": deux, "autre émetteur": complete(t, h, entree(t, "99000001")), "partielle": partielle(t, un, deux),
	} {
		if l, err := base.Appliquer(p); motif(err) != visiodroits.MotifSansBase || l != nil {
			t.Errorf("%s : %v", nom, err)
		}
	}
}

// Readers see a list whole, before or after: both insurers always have the same X.
func TestLectureAtomique(t *testing.T) {
	b := nouveau(t)
	c := b.classeur(attendu(visiodroits.GenreServices, operateur))
	var precedente *visiodroits.Liste[visiodroits.EntreeService]
	var octets [][]byte
	for n := range 20 {
		l := complete(t, tete(int64(n+1), lundi), entree(t, "99000001", jours(n)), entree(t, "99000002", jours(n)))
		if precedente != nil && n%3 != 0 {
			octets = append(octets, sceller(b, partielle(t, precedente, l)))
		} else {
			octets = append(octets, sceller(b, l))
		}
		precedente = l
	}
	var wg sync.WaitGroup
	fini := make(chan struct{})
	for range 2 {
		wg.Go(func() {
			for {
				select {
				case <-fini:
					return
				default:
				}
				un, deux := x(t, c, "99000001", lundi), x(t, c, "99000002", lundi)
				if un > deux { // the second is read after
					t.Errorf("%d puis %d", un, deux)
					return
				}
			}
		})
	}
	for _, o := range octets {
		b.deposer(c, o, lundi)
	}
	close(fini)
	wg.Wait()
	if x(t, c, "99000001", lundi) != 19 {
		t.Error("la dernière liste n'est pas en vigueur")
	}
}

// What is written is read as the same.
func TestAllerRetour(t *testing.T) {
	_, j := cleNeuve(t)
	e := entree(t, "99000001", routee("CM", "94???"), func(e *visiodroits.EntreeService) {
		e.DepannageMandat = &visiodroits.Mandat{Operateur: operateur, Debut: jour}
		e.Horaires = []visiodroits.Horaire{{Jour: 1, De: "08:00", A: "12:00"}, {Jour: 1, De: "14:00", A: "24:00"}}
		e.KidSuivant = "cle-2027"
	})
	retour(t, e)
	retour(t, visiodroits.CleEmetteur{Kid: j.Empreinte(), Titulaire: operateur, Usage: visiodroits.PourAccreditation, JWK: j, Debut: lundi, Fin: lundi.Add(time.Hour)})
	retour(t, visiodroits.Terme{Table: visiodroits.TableRejets, Code: "F701", Libelle: "Libellé \" é 😀", Debut: jour, Fin: jour})
	retour(t, visiodroits.EtatService{NumeroAMC: amc(t, "99000001"), Service: visiodroits.TAR, Etat: visiodroits.Ralenti, Depuis: lundi,
		Fermetures: []visiodroits.Fermeture{{Debut: lundi, Fin: lundi.Add(time.Hour), Motif: "maintenance"}}})
}

func retour[E visiodroits.Entree[E]](t *testing.T, e E) {
	t.Helper()
	l := complete(t, tete(1, lundi), e)
	lue, err := visiodroits.Lire[E](l.Message())
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(l, lue, cmpopts.IgnoreUnexported(visiodroits.CleEmetteur{}), cmp.Comparer(func(a, b sante.NumeroAMC) bool { return a == b })); d != "" {
		t.Error(d)
	}
	if !bytes.Equal(lue.Message(), l.Message()) {
		t.Errorf("%s\n%s", l.Message(), lue.Message())
	}
}

func TestLireAutreGenre(t *testing.T) {
	vide := complete[visiodroits.EntreeService](t, tete(1, lundi))
	if l, err := visiodroits.Lire[visiodroits.EtatService](vide.Message()); motif(err) != visiodroits.MotifGenre || l != nil {
		t.Errorf("%v, %v", l, err)
	}
	h, err := visiodroits.LireEnTete(vide.Message())
	if err != nil || h != vide.EnTete {
		t.Errorf("%+v, %v", h, err)
	}
}
