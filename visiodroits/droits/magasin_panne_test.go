package droits

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/ecluse-sante/ecluse/sante"
)

var errCoupure = errors.New("coupure")

// disqueCoupe is a disk whose process is killed at its pas-th step: that step is
// done in part, or not at all, and everything fails after it. When it is the current
// that is cut, what was written and not synced is gone too.
type disqueCoupe struct {
	disqueReel
	pas     int
	partie  float64 // of the write that is cut
	courant bool
	defaire []func() // undoes what is not synced, oldest first
}

// avance tells whether the step may be done.
func (d *disqueCoupe) avance() bool {
	d.pas--
	if d.pas == 0 && d.courant {
		for _, f := range slices.Backward(d.defaire) {
			f()
		}
	}
	return d.pas > 0
}

func (d *disqueCoupe) Ouvrir(nom string, drapeaux int) (fichier, error) {
	if !d.avance() {
		return nil, errCoupure
	}
	f, err := d.disqueReel.Ouvrir(nom, drapeaux)
	if err != nil {
		return nil, err
	}
	double, err := d.disqueReel.Ouvrir(nom, 0) // to undo what a closed file was left with
	return &fichierCoupe{fichier: f, double: double, d: d}, err
}

func (d *disqueCoupe) Renommer(de, vers string) error {
	if !d.avance() {
		return errCoupure
	}
	return os.Rename(de, vers)
}

func (d *disqueCoupe) Retirer(nom string) error {
	if !d.avance() {
		return errCoupure
	}
	return d.disqueReel.Retirer(nom)
}

type fichierCoupe struct {
	fichier
	double fichier
	d      *disqueCoupe
	synces []*bool // set when what was written is on the disk
}

func (f *fichierCoupe) WriteAt(b []byte, o int64) (int, error) {
	if f.d.avance() {
		f.retenir(len(b), o)
		return f.fichier.WriteAt(b, o)
	}
	if f.d.pas == 0 && !f.d.courant { // the write that is cut
		n, _ := f.fichier.WriteAt(b[:int(float64(len(b))*f.d.partie)], o)
		return n, errCoupure
	}
	return 0, errCoupure
}

// retenir remembers what a write will cover.
func (f *fichierCoupe) retenir(n int, o int64) {
	info, err := f.double.Stat()
	avant := make([]byte, n)
	lus, _ := f.double.ReadAt(avant, o)
	synce := false
	f.d.defaire = append(f.d.defaire, func() {
		if err == nil && !synce {
			f.double.WriteAt(avant[:lus], o)
			f.double.Truncate(info.Size())
		}
	})
	f.synces = append(f.synces, &synce)
}

func (f *fichierCoupe) Sync() error {
	if !f.d.avance() {
		return errCoupure
	}
	for _, s := range f.synces {
		*s = true
	}
	f.synces = nil
	return nil
}

func (f *fichierCoupe) Truncate(n int64) error {
	if !f.d.avance() {
		return errCoupure
	}
	return f.fichier.Truncate(n)
}

// etat is all that a store says of its counters and of one person.
func etat(t testing.TB, m *Magasin) string {
	t.Helper()
	c, err := m.Compteurs(unJour)
	verifier(t, err)
	s := fmt.Sprint(c)
	for i := range 3 {
		d, err := m.Droits(assure(t, i), amc(t, uneAMC))
		verifier(t, err)
		if d != nil {
			s += fmt.Sprintf(" %d:%d×%d", i, d.Octets[0], len(d.Octets))
		}
	}
	return s
}

// The store is killed, or the current is cut, at each of its steps in turn: what it has acknowledged is
// there, what it was doing is there whole or not at all, and it serves again.
func TestMagasinCoupure(t *testing.T) {
	d := desDroits(t, 1)
	avec := func(i int, b byte, n int) func(*Magasin) error {
		x := d
		x.Octets = bytes.Repeat([]byte{b}, n)
		return func(m *Magasin) error { return m.GarderDroits(assure(t, i), x) }
	}
	script := []func(*Magasin) error{
		avec(0, 1, 3_000),
		func(m *Magasin) error { return m.Compter(unJour, "A", 1) },
		avec(1, 2, 100),
		func(m *Magasin) error {
			return m.Ecrire(func(l *Lot) error {
				l.RetirerDroits(assure(t, 0), amc(t, uneAMC))
				return errors.Join(l.Compter(unJour, "A", 1), l.Compter(unJour, "B", 5))
			})
		},
		func(m *Magasin) error { return m.c.compacter() },
		avec(2, 3, 5_000),
		avec(1, 4, 400_000), // larger than the buffer of a compaction
		func(m *Magasin) error { return m.c.compacter() },
		func(m *Magasin) error { return m.Compter(unJour, "C", 1) },
	}
	// What the store says after each operation, without any failure.
	temoin := ouvrir(t, chemin(t))
	etats := []string{etat(t, temoin)}
	for _, f := range script {
		verifier(t, f(temoin))
		etats = append(etats, etat(t, temoin))
	}
	for _, partie := range []float64{-1, 0, 0.01, 0.5, 1} { // -1: the current
		fini := false
		for pas := 1; !fini; pas++ {
			if pas > 200 {
				t.Fatal("le script ne finit pas")
			}
			c := chemin(t)
			disque := &disqueCoupe{pas: pas, partie: partie, courant: partie < 0}
			faits := 0
			if m, err := OuvrirMagasin(c, OptionsMagasin{Cle: cleMagasin, disque: disque}); err == nil {
				for _, f := range script {
					if err := f(m); err != nil {
						break
					}
					faits++
				}
				m.Fermer()
			}
			fini = disque.pas > 0
			m, err := OuvrirMagasin(c, OptionsMagasin{Cle: cleMagasin})
			if err != nil {
				t.Fatalf("coupé au pas %d (%v) : %v", pas, partie, err)
			}
			got := etat(t, m)
			if got != etats[faits] && (faits == len(script) || got != etats[faits+1]) {
				t.Fatalf("coupé au pas %d (%v), après %d opérations :\n%s, attendu\n%s", pas, partie, faits, got, etats[faits])
			}
			if _, err := os.Stat(c + suffixeNeuf); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("coupé au pas %d (%v) : le fichier de compaction reste", pas, partie)
			}
			verifier(t, m.Compter(unJour, "Z", 1))
			verifier(t, m.Fermer())
		}
	}
}

// disquePlein fails the writes of a while, in part, and then is well again.
type disquePlein struct {
	disqueReel
	plein, syncMort, sansRenommer, renommerMal *bool
}

func (d disquePlein) Ouvrir(nom string, drapeaux int) (fichier, error) {
	f, err := d.disqueReel.Ouvrir(nom, drapeaux)
	if err != nil {
		return nil, err
	}
	return fichierPlein{f, d}, nil
}

func (d disquePlein) Renommer(de, vers string) error {
	if *d.sansRenommer {
		return errCoupure
	}
	if err := d.disqueReel.Renommer(de, vers); err != nil || !*d.renommerMal {
		return err
	}
	return errCoupure // done, and perhaps not for good
}

type fichierPlein struct {
	fichier
	d disquePlein
}

func (f fichierPlein) WriteAt(b []byte, o int64) (int, error) {
	if *f.d.plein {
		n, _ := f.fichier.WriteAt(b[:len(b)/2], o)
		return n, io.ErrShortWrite
	}
	return f.fichier.WriteAt(b, o)
}

func (f fichierPlein) Sync() error {
	if *f.d.syncMort {
		return errCoupure
	}
	return f.fichier.Sync()
}

// A full disk refuses a write and harms nothing: the store reads, and writes again
// when there is room. A disk that no longer says what it holds stops the writes.
func TestMagasinDisquePlein(t *testing.T) {
	var plein, mort, sansRenommer, renommerMal bool
	c := chemin(t)
	m, err := OuvrirMagasin(c, OptionsMagasin{Cle: cleMagasin, disque: disquePlein{plein: &plein, syncMort: &mort, sansRenommer: &sansRenommer, renommerMal: &renommerMal}})
	verifier(t, err)
	compte := func(etape string, want int64) {
		t.Helper()
		if got, err := m.Compteurs(unJour); err != nil || !maps.Equal(got, map[string]int64{"A": want}) {
			t.Errorf("%s : %v, %v", etape, got, err)
		}
	}
	verifier(t, m.Compter(unJour, "A", 1))
	plein = true
	if err := m.Compter(unJour, "A", 1); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("disque plein : %v", err)
	}
	if err := m.c.compacter(); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("compacter sur un disque plein : %v", err)
	}
	compte("disque plein", 1)
	plein = false
	verifier(t, m.Compter(unJour, "A", 1))
	sansRenommer = true
	if err := m.c.compacter(); !errors.Is(err, errCoupure) {
		t.Errorf("compacter sans renommer : %v", err)
	}
	compte("sans renommer", 2)
	verifier(t, m.Compter(unJour, "A", 1))
	sansRenommer = false
	verifier(t, m.c.compacter())
	verifier(t, m.Compter(unJour, "A", 1))
	mort = true
	if err := m.Compter(unJour, "A", 1); !errors.Is(err, errCoupure) {
		t.Errorf("disque mort : %v", err)
	}
	mort = false
	if err := m.Compter(unJour, "A", 1); !errors.Is(err, ErrMagasinPanne) {
		t.Errorf("après le disque mort : %v", err)
	}
	compte("après le disque mort", 4)
	verifier(t, m.Fermer())
	m = ouvrir(t, c)
	if got, err := m.Compteurs(unJour); err != nil || got["A"] != 4 && got["A"] != 5 {
		t.Errorf("rouvert : %v, %v", got, err)
	}
	verifier(t, m.Fermer())
	m, err = OuvrirMagasin(c, OptionsMagasin{Cle: cleMagasin, disque: disquePlein{plein: &plein, syncMort: &mort, sansRenommer: &sansRenommer, renommerMal: &renommerMal}})
	verifier(t, err)
	deja, err := m.Compteurs(unJour)
	verifier(t, err)
	renommerMal = true
	if err := m.c.compacter(); !errors.Is(err, errCoupure) || m.c.g.numero != 3 {
		t.Errorf("renommer sans en être sûr : %v, génération %d", err, m.c.g.numero)
	}
	compte("renommé sans en être sûr", deja["A"])
	if err := m.Compter(unJour, "A", 1); !errors.Is(err, ErrMagasinPanne) {
		t.Errorf("écrire dans un fichier qui peut disparaître : %v", err)
	}
	verifier(t, m.Fermer())
	m = ouvrir(t, c)
	verifier(t, m.Compter(unJour, "A", 1))
	compte("rouvert encore", deja["A"]+1)
}

// remplir makes a small store and gives its octets, its key of reading and the
// length of the file after each write.
func remplir(t *testing.T) (string, []byte, []int64) {
	t.Helper()
	c := chemin(t)
	m := ouvrir(t, c)
	longueurs := []int64{m.c.taille}
	for i := range 4 {
		verifier(t, m.Compter(unJour, "A", int64(i+1)))
		longueurs = append(longueurs, m.c.taille)
	}
	verifier(t, m.Fermer())
	b, err := os.ReadFile(c)
	verifier(t, err)
	return c, b, longueurs
}

// One bit changed anywhere is refused, by name.
func TestMagasinUnBit(t *testing.T) {
	c, b, _ := remplir(t)
	for i := range b {
		x := bytes.Clone(b)
		x[i] ^= 1 << (i % 8)
		verifier(t, os.WriteFile(c, x, 0o600))
		m, err := OuvrirMagasin(c, OptionsMagasin{Cle: cleMagasin})
		if !errors.Is(err, ErrMagasinAltere) && !errors.Is(err, ErrCleMagasin) && !errors.Is(err, ErrVersionMagasin) {
			t.Fatalf("octet %d : %v, %v", i, m, err)
		}
	}
	for nom, x := range map[string][]byte{
		"un octet ajouté et qui n'est pas nul, puis d'autres": append(bytes.Clone(b), bytes.Repeat([]byte{1}, 40)...),
		"le même enregistrement deux fois":                    append(bytes.Clone(b), b[len(b)-60:]...),
		"vide":                                                {},
		"un autre fichier":                                    bytes.Repeat([]byte("texte"), 100),
		"en-tête seul coupé":                                  b[:tailleEntete-1],
	} {
		verifier(t, os.WriteFile(c, x, 0o600))
		if _, err := OuvrirMagasin(c, OptionsMagasin{Cle: cleMagasin}); !errors.Is(err, ErrMagasinAltere) {
			t.Errorf("%s : %v", nom, err)
		}
	}
}

// Records moved, taken out or brought from an earlier file are refused.
func TestMagasinOrdre(t *testing.T) {
	c, b, l := remplir(t)
	part := func(i int) []byte { return b[l[i]:l[i+1]] }
	// Another history of the same file from its third write on.
	verifier(t, os.WriteFile(c, b[:l[2]], 0o600))
	m := ouvrir(t, c)
	verifier(t, m.Compter(unJour, "A", 3))
	verifier(t, m.Fermer())
	autre, err := os.ReadFile(c)
	verifier(t, err)
	for nom, x := range map[string][]byte{
		"un du milieu retiré":     append(bytes.Clone(b[:l[1]]), b[l[2]:]...),
		"deux échangés":           append(append(append(bytes.Clone(b[:l[1]]), part(2)...), part(1)...), b[l[3]:]...),
		"un d'avant à la fin":     append(bytes.Clone(b), part(0)...),
		"un d'une autre histoire": append(bytes.Clone(autre), part(3)...),
		"le premier retiré":       append(bytes.Clone(b[:l[0]]), b[l[1]:]...),
	} {
		verifier(t, os.WriteFile(c, x, 0o600))
		if _, err := OuvrirMagasin(c, OptionsMagasin{Cle: cleMagasin}); !errors.Is(err, ErrMagasinAltere) {
			t.Errorf("%s : %v", nom, err)
		}
	}
}

// Cut at any length, the file opens at the last whole write, and goes on; zeros that
// a file system left at the end are no write.
func TestMagasinTronque(t *testing.T) {
	c, b, l := remplir(t)
	sommes := []int64{0, 1, 3, 6, 10}
	essayer := func(nom string, x []byte, entiers int) {
		t.Helper()
		verifier(t, os.WriteFile(c, x, 0o600))
		m, err := OuvrirMagasin(c, OptionsMagasin{Cle: cleMagasin})
		if err != nil {
			t.Fatalf("%s : %v", nom, err)
		}
		verifier(t, m.Compter(unJour, "A", 100))
		m.Fermer()
		m = ouvrir(t, c)
		if got, err := m.Compteurs(unJour); err != nil || got["A"] != sommes[entiers]+100 {
			t.Fatalf("%s : %v, %v, attendu %d", nom, got, err, sommes[entiers]+100)
		}
		m.Fermer()
	}
	entiers := 0
	for n := tailleEntete; n <= len(b); n++ {
		if entiers+1 < len(l) && int64(n) >= l[entiers+1] {
			entiers++
		}
		essayer(fmt.Sprintf("coupé à %d", n), b[:n], entiers)
	}
	for _, n := range []int{1, 15, 16, 17, 40, 5_000, 9_000} {
		essayer(fmt.Sprintf("%d zéros à la fin", n), append(bytes.Clone(b), make([]byte, n)...), 4)
	}
	dernier := append(bytes.Clone(b[:l[3]]), make([]byte, len(b)-int(l[3]))...)
	essayer("le dernier jamais écrit", dernier, 3)
	copy(dernier[l[3]:], b[l[3]:l[3]+20])
	essayer("le dernier écrit en partie", dernier, 3)
}

// The moment that the caller kept tells an old copy.
func TestMagasinRepere(t *testing.T) {
	c := chemin(t)
	m := ouvrir(t, c)
	verifier(t, m.Compter(unJour, "A", 1))
	vieux, err := os.ReadFile(c)
	verifier(t, err)
	r1 := m.Repere()
	verifier(t, m.Compter(unJour, "A", 1))
	r2 := m.Repere()
	milieu, err := os.ReadFile(c)
	verifier(t, err)
	verifier(t, m.c.compacter())
	r3 := m.Repere()
	verifier(t, m.Fermer())
	neuf, err := os.ReadFile(c)
	verifier(t, err)
	ailleurs := ouvrir(t, chemin(t))
	verifier(t, ailleurs.Compter(unJour, "A", 1))
	for _, k := range []struct {
		cas    string
		b      []byte
		repere string
		err    error
	}{
		{"à jour", neuf, r3, nil}, {"repère d'avant la compaction", neuf, r2, nil}, {"repère ancien", milieu, r1, nil}, {"sans repère", vieux, "", nil},
		{"vieille copie", vieux, r2, ErrRetourMagasin}, {"copie d'avant la compaction", milieu, r3, ErrRetourMagasin},
		{"repère d'un autre fichier", vieux, ailleurs.Repere(), ErrRetourMagasin}, {"fichier retiré", nil, r1, ErrRetourMagasin},
		{"repère illisible", neuf, "1.x.y", ErrRetourMagasin}, {"repère nul", neuf, "0.0.AAAAAAAAAAAAAAAAAAAAAA", ErrRetourMagasin},
	} {
		os.Remove(c)
		if k.b != nil {
			verifier(t, os.WriteFile(c, k.b, 0o600))
		}
		m, err := OuvrirMagasin(c, OptionsMagasin{Cle: cleMagasin, Repere: k.repere})
		if !errors.Is(err, k.err) || (err == nil) != (k.err == nil) {
			t.Errorf("%s : %v", k.cas, err)
		}
		if err == nil {
			m.Fermer()
		}
	}
}

func TestMagasinCles(t *testing.T) {
	c, b, _ := remplir(t)
	for nom, k := range map[string][]byte{"autre clé": bytes.Repeat([]byte{8}, 32), "clé courte": cleMagasin[:16], "aucune": nil} {
		if _, err := OuvrirMagasin(c, OptionsMagasin{Cle: k}); !errors.Is(err, ErrCleMagasin) {
			t.Errorf("%s : %v", nom, err)
		}
	}
	b[9]++
	verifier(t, os.WriteFile(c, b, 0o600))
	if _, err := OuvrirMagasin(c, OptionsMagasin{Cle: cleMagasin}); !errors.Is(err, ErrVersionMagasin) {
		t.Errorf("version suivante : %v", err)
	}
	if x, err := os.ReadFile(c); err != nil || !bytes.Equal(x, b) {
		t.Error("un fichier d'une version suivante a été touché")
	}
}

// Another program that writes all the same, where locks are not kept (a shared folder),
// is seen before anything is lost.
func TestMagasinPartage(t *testing.T) {
	c := chemin(t)
	sansVerrou := func() *Magasin {
		o, err := ouvrirCoffre(disqueReel{}, c, cleMagasin, repere{})
		verifier(t, err)
		t.Cleanup(func() { o.fermer() })
		return &Magasin{c: o}
	}
	un, autre := sansVerrou(), sansVerrou()
	verifier(t, un.Compter(unJour, "A", 1))
	if err := autre.Compter(unJour, "A", 1); !errors.Is(err, ErrMagasinPartage) {
		t.Errorf("l'autre écrit par-dessus : %v", err)
	}
	un, autre = sansVerrou(), sansVerrou()
	verifier(t, un.c.compacter())
	if err := autre.Compter(unJour, "A", 1); !errors.Is(err, ErrMagasinPartage) {
		t.Errorf("l'autre écrit dans un fichier remplacé : %v", err)
	}
	verifier(t, un.Compter(unJour, "A", 1))
	if got, err := un.Compteurs(unJour); err != nil || got["A"] != 2 {
		t.Errorf("%v, %v", got, err)
	}
}

// Whatever a file holds, opening it ends with a store or a named refusal.
func FuzzMagasin(f *testing.F) {
	g, err := nouvelleGeneration(cleMagasin, 1, [16]byte{1})
	if err != nil {
		f.Fatal(err)
	}
	tete := append(g.entete(), g.mac[:]...)
	clair, _ := appendOperation(nil, operation{cle: "c2026-11-22/A", champs: []byte("1")})
	f.Add(clair, []byte{}, true)
	f.Add(clair, []byte{0, 0, 0}, true)
	f.Add(tete, []byte("x"), false)
	f.Fuzz(func(t *testing.T, clair, suite []byte, sceller bool) {
		b := clair
		if sceller { // what is sealed is read, whatever it says
			var chaine lien
			b, chaine = g.sceller(bytes.Clone(tete), clair, 0, g.mac)
			b, _ = g.sceller(b, suite, 1, chaine)
		}
		b = append(b, suite...)
		c := chemin(t)
		verifier(t, os.WriteFile(c, b, 0o600))
		m, err := OuvrirMagasin(c, OptionsMagasin{Cle: cleMagasin})
		if err != nil {
			if !errors.Is(err, ErrMagasinAltere) && !errors.Is(err, ErrCleMagasin) && !errors.Is(err, ErrVersionMagasin) {
				t.Fatal(err)
			}
			return
		}
		defer m.Fermer()
		for _, cle := range m.c.cles("") {
			if _, err := m.c.corps(cle); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := m.Purger(sante.Jour(1_000_000)); err == nil && m.c.taille < tailleEntete {
			t.Fatal("fichier trop court")
		}
	})
}
