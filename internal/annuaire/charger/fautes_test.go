package charger

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/rass"
)

// sansFin gives a line of so many bytes that never ends.
type sansFin struct{ reste int64 }

func (s *sansFin) Read(b []byte) (int, error) {
	if s.reste <= 0 {
		return 0, io.EOF
	}
	n := int(min(int64(len(b)), s.reste))
	for i := range n {
		b[i] = 'X'
	}
	s.reste -= int64(n)
	return n, nil
}

// What is wrong with a feed is refused with a code, what stood is still served, and
// nothing is half done.
func TestFluxRefuses(t *testing.T) {
	f := nouveauMonde(11, 600)
	pa := f.contenu(rass.PersonneActivite)
	entete, corps, _ := strings.Cut(pa, "\n")
	latin := func() string {
		var b strings.Builder
		for _, r := range pa[len(entete)+1:] {
			b.WriteByte(byte(r))
		}
		return entete + "\n" + b.String()
	}
	gros := int64(1 << 30)
	if testing.Short() {
		gros = 8 << 20
	}
	cas := []struct {
		nom   string
		flux  Flux
		motif Motif
		rass  rass.Motif
	}{
		{"coupé au milieu d'une ligne", fluxTexte(rass.PersonneActivite, pa[:len(pa)/2]), MotifFlux, rass.MotifCoupe},
		{"vide", fluxTexte(rass.PersonneActivite, ""), MotifFlux, rass.MotifVide},
		{"colonne obligatoire absente", fluxTexte(rass.PersonneActivite, strings.Replace(pa, "Code mode exercice", "Code du mode", 1)), MotifFlux, rass.MotifManque},
		{"colonne deux fois", fluxTexte(rass.PersonneActivite, strings.Replace(pa, "Libellé profession|", "Code profession|", 1)), MotifFlux, rass.MotifDouble},
		{"UTF-16", fluxTexte(rass.PersonneActivite, "\xff\xfeT\x00y\x00"), MotifFlux, rass.MotifEncodage},
		{"Latin-1", fluxTexte(rass.PersonneActivite, latin()), MotifEncodage, 0},
		{"un autre fichier", fluxTexte(rass.PersonneActivite, f.contenu(rass.Porteurs)), MotifFlux, rass.MotifManque},
		{"une ligne d'un gigaoctet", Flux{Fichier: rass.PersonneActivite, Ouvrir: func(context.Context) (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(strings.NewReader(entete+"\n"+corps), &sansFin{gros})), nil
		}, Empreinte: "grosse"}, MotifFlux, rass.MotifCoupe},
		{"source qui casse", Flux{Fichier: rass.PersonneActivite, Ouvrir: func(context.Context) (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(strings.NewReader(pa[:len(pa)/2]), casse{})), nil
		}, Empreinte: "casse"}, MotifFlux, rass.MotifLecture},
		{"champs en trop partout", fluxTexte(rass.PersonneActivite, entete+"\n"+strings.ReplaceAll(corps, "CNOM", "CN|OM")), MotifRejets, 0},
		{"deux tiers en moins", fluxTexte(rass.PersonneActivite, entete+"\n"+strings.Join(f[rass.PersonneActivite][:200], "\n")+"\n"), MotifAmpleur, 0},
	}
	b := nouveauBanc(t)
	b.charger(f.flux())
	avant, generation := b.etat(), generationDe(b)
	for _, c := range cas {
		t.Run(c.nom, func(t *testing.T) {
			_, err := Charger(context.Background(), []Flux{c.flux}, b.d, b.o)
			if !errors.Is(err, &Refus{Motif: c.motif}) {
				t.Fatalf("erreur %v, attendu %s", err, c.motif.Code())
			}
			var e *rass.Erreur
			if c.rass != 0 && (!errors.As(err, &e) || e.Motif != c.rass) {
				t.Errorf("erreur %v, attendu %s", err, c.rass.Code())
			}
			if g := generationDe(b); g != generation {
				t.Errorf("la génération est passée de %d à %d", generation, g)
			}
		})
	}
	memes(t, avant, b.etat())
}

type casse struct{}

func (casse) Read([]byte) (int, error) { return 0, errors.New("liaison coupée") }

func generationDe(b *banc) uint64 {
	v := b.d.Vue()
	defer v.Rendre()
	return v.Generation()
}

// Columns that are swapped, or added, change nothing.
func TestColonnesEchangees(t *testing.T) {
	f := nouveauMonde(12, 40)
	a, b := nouveauBanc(t), nouveauBanc(t)
	a.charger(f.flux())
	var l []Flux
	for _, k := range rass.Fichiers {
		if len(f[k]) == 0 {
			continue
		}
		var s strings.Builder
		for x := range strings.Lines(f.contenu(k)) {
			c := strings.Split(strings.TrimSuffix(x, "\n"), "|")
			c[0], c[len(c)-1] = c[len(c)-1], c[0]
			if s.Len() == 0 {
				c = append(c, "Colonne neuve")
			} else {
				c = append(c, "valeur")
			}
			s.WriteString(strings.Join(c, "|") + "|\r\n")
		}
		l = append(l, fluxTexte(k, s.String()))
	}
	b.charger(l)
	memes(t, a.etat(), b.etat())
}

// What refers to nothing, and what comes twice, is counted and does not stop the rest.
func TestAnomaliesComptees(t *testing.T) {
	f := nouveauMonde(13, 60)
	perdu := "8" + rppsDe(4242)
	m := &monde{f: f}
	m.poser(rass.SavoirFaire, map[rass.Colonne]string{0: "8", 1: rppsDe(4242), 2: perdu, rass.SFCodeProfession: "10", rass.SFCodeTypeSavoirFaire: "S", rass.SFCodeSavoirFaire: "SM04"})
	m.poser(rass.MSSante, map[rass.Colonne]string{rass.MSTypeBAL: "PER", rass.MSAdresse: "perdu@x.mssante.example", rass.MSIDNat: perdu})
	m.poser(rass.Activites, map[rass.Colonne]string{rass.ACNumero: "24-X", rass.ACFINESS: finessDe(77777), rass.ACNature: "soins", rass.ACCodeActivite: "04", rass.ACOuverture: "2020-01-01"})
	m.poser(rass.Membres, map[rass.Colonne]string{rass.MEIdentifiant: "RES-0000", rass.METypeMembre: "PP", rass.MEIDNat: perdu, rass.MEEntree: "2020-01-01"})
	f[rass.PersonneActivite] = append(f[rass.PersonneActivite], f[rass.PersonneActivite][0])
	f[rass.MSSante] = append(f[rass.MSSante], f[rass.MSSante][0])
	f[rass.Structures] = append(f[rass.Structures], f[rass.Structures][0])
	b := nouveauBanc(t)
	r := b.charger(f.flux())
	for code, n := range map[string]int64{"D-REF-ORPHELINE": 4, "D-DOUBLON": 2, "D-BAL-DOUBLE": 1} {
		if r.Constats[code] != n {
			t.Errorf("%s : %d, attendu %d (%v)", code, r.Constats[code], n, r.Constats)
		}
	}
}

// The guard can be waived by someone who says his name, and by nobody else.
func TestAcceptation(t *testing.T) {
	f := nouveauMonde(14, 600)
	b := nouveauBanc(t)
	j := &journalDEssai{lignes: map[string]int64{}}
	b.o.Journal = j
	b.charger(f.flux())
	f[rass.PersonneActivite] = f[rass.PersonneActivite][:300]
	flux := f.flux()
	_, err := Charger(context.Background(), flux, b.d, b.o)
	if !errors.Is(err, &Refus{Motif: MotifRetrait}) {
		t.Fatalf("erreur %v, attendu CHG-04", err)
	}
	b.o.AccepteePar = "x"
	if _, err := Charger(context.Background(), flux, b.d, b.o); !errors.Is(err, &Refus{Motif: MotifAcceptation}) {
		t.Fatalf("erreur %v, attendu CHG-08", err)
	}
	b.o.AccepteePar = "responsable des données"
	r := b.charger(flux)
	if r.AccepteePar != b.o.AccepteePar || !r.Repris {
		t.Errorf("acceptée par %q, lecture reprise %v", r.AccepteePar, r.Repris)
	}
	if m := r.Mouvements[annuaire.Praticiens]; m.Finies == 0 || m.Nouvelles != 0 {
		t.Errorf("mouvements %+v", m)
	}
	if e := strings.Join(j.etapes, " "); e != "LU APPLIQUE REFUSE:CHG-04 LU COMPARE APPLIQUE" {
		t.Errorf("étapes %s", e)
	}
}

// journalDEssai remembers as the store does.
type journalDEssai struct {
	etapes []string
	lignes map[string]int64
}

func (j *journalDEssai) Noter(_ context.Context, p *annuaire.Passage) error {
	s := string(p.Etat)
	if p.Refus != "" {
		s += ":" + p.Refus
	}
	j.etapes = append(j.etapes, s)
	if p.Etat == annuaire.PassageApplique {
		j.lignes = p.Flux
	}
	return nil
}

func (j *journalDEssai) DernieresLignes(context.Context) (map[string]int64, error) {
	return j.lignes, nil
}

// A run that was interrupted after its reading is taken up; one whose drawers were
// damaged is read again.
func TestReprise(t *testing.T) {
	f := nouveauMonde(15, 80)
	b, temoin := nouveauBanc(t), nouveauBanc(t)
	temoin.charger(f.flux())
	interrompre := func() {
		ctx, arreter := context.WithCancel(context.Background())
		b.o.Journal = &arretApres{nom: annuaire.PassageLu, f: arreter}
		if _, err := Charger(ctx, f.flux(), b.d, b.o); !errors.Is(err, context.Canceled) {
			t.Fatalf("erreur %v, une interruption est attendue", err)
		}
		b.o.Journal = nil
		if len(b.etat()) != 0 {
			t.Fatal("une course interrompue a laissé des fiches")
		}
	}
	interrompre()
	l, err := filepath.Glob(filepath.Join(b.o.Repertoire, "charge-*", "personnes.*"))
	if err != nil || len(l) == 0 {
		t.Fatal("rien n'est gardé de la lecture", err)
	}
	if err := os.Truncate(l[0], 10); err != nil {
		t.Fatal(err)
	}
	r := b.charger(f.flux())
	if r.Repris {
		t.Error("une lecture abîmée a été reprise")
	}
	memes(t, temoin.etat(), b.etat())

	// Damaged without a change of size: told once, then read again.
	b = nouveauBanc(t)
	interrompre()
	l, _ = filepath.Glob(filepath.Join(b.o.Repertoire, "charge-*", "personnes.*"))
	octets, err := os.ReadFile(l[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(l[0], make([]byte, len(octets)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Charger(context.Background(), f.flux(), b.d, b.o); !errors.Is(err, &Refus{Motif: MotifTravail}) {
		t.Fatalf("erreur %v, attendu CHG-06", err)
	}
	if r := b.charger(f.flux()); r.Repris {
		t.Error("une lecture abîmée a été reprise")
	}
	memes(t, temoin.etat(), b.etat())

	b = nouveauBanc(t)
	interrompre()
	if r := b.charger(f.flux()); !r.Repris {
		t.Error("la lecture n'a pas été reprise")
	}
	memes(t, temoin.etat(), b.etat())
	if l, _ := filepath.Glob(filepath.Join(b.o.Repertoire, "charge-*")); len(l) != 0 {
		t.Errorf("fichiers de travail laissés : %v", l)
	}
}

// arretApres interrupts a run at a stage.
type arretApres struct {
	nom annuaire.EtatPassage
	f   func()
}

func (a *arretApres) Noter(_ context.Context, p *annuaire.Passage) error {
	if p.Etat == a.nom {
		a.f()
	}
	return nil
}

func (a *arretApres) DernieresLignes(context.Context) (map[string]int64, error) { return nil, nil }

// A difference made over another state is refused.
func TestDifferencePerimee(t *testing.T) {
	f := nouveauMonde(16, 40)
	b := nouveauBanc(t)
	b.charger(f.flux())
	g := muter(f, 3)
	b.o.AccepteePar = "essai"
	v := b.d.Vue()
	d, err := Comparer(context.Background(), g.flux(), v, b.o)
	v.Rendre()
	if err != nil {
		t.Fatal(err)
	}
	defer d.Fermer()
	autre := b.o
	autre.Repertoire = t.TempDir()
	v = b.d.Vue()
	e, err := Comparer(context.Background(), g.flux(), v, autre)
	v.Rendre()
	if err != nil {
		t.Fatal(err)
	}
	if err := Appliquer(context.Background(), e, b.d); err != nil {
		t.Fatal(err)
	}
	if err := Appliquer(context.Background(), d, b.d); !errors.Is(err, &Refus{Motif: MotifPerime}) {
		t.Errorf("erreur %v, attendu CHG-07", err)
	}
}

// A large difference makes a new image, a small one is laid over: the result is one.
func TestRefonteOuSuperposition(t *testing.T) {
	f := nouveauMonde(17, 60)
	g := muter(f, 9)
	a, b := nouveauBanc(t), nouveauBanc(t)
	for _, x := range []*banc{a, b} {
		x.charger(f.flux())
		x.o.AccepteePar = "essai"
	}
	a.charger(g.flux())
	v := b.d.Vue()
	d, err := Comparer(context.Background(), g.flux(), v, b.o)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Fermer()
	if err := d.refondre(context.Background(), v, b.d); err != nil {
		t.Fatal(err)
	}
	v.Rendre()
	memes(t, a.etat(), b.etat())
}

// histoireDEssai keeps what a run changes.
type histoireDEssai struct{ avant, apres, annulations int }

func (h *histoireDEssai) Annuler(context.Context, string) error {
	h.annulations++
	return nil
}

func (h *histoireDEssai) Verser(_ context.Context, l []annuaire.Remplacement, course string, le time.Time) error {
	for _, r := range l {
		_, apres := r.Apres.Entete()
		h.apres++
		if r.Avant != nil {
			h.avant++
			if _, avant := r.Avant.Entete(); avant.ID != apres.ID || avant.Version+1 != apres.Version {
				return errors.New("ce qui est remplacé n'est pas ce qui était là")
			}
		}
		if course == "" || apres.Maj != le.UnixMilli() {
			return errors.New("un changement sans course, ou sans date")
		}
	}
	return nil
}

// The history is told each change with what it replaces.
func TestHistoire(t *testing.T) {
	f := nouveauMonde(18, 60)
	b := nouveauBanc(t)
	b.charger(f.flux())
	h := &histoireDEssai{}
	b.o.Historien, b.o.AccepteePar, b.o.Maintenant = h, "essai", midi.AddDate(0, 0, 1)
	r := b.charger(muter(f, 5).flux())
	var nouvelles, touchees int64
	for _, m := range r.Mouvements {
		nouvelles, touchees = nouvelles+m.Nouvelles, touchees+m.Touchees()
	}
	if touchees == 0 || int64(h.avant) != touchees || int64(h.apres) != nouvelles+touchees {
		t.Errorf("%d avant, %d après ; %d nouvelles, %d touchées", h.avant, h.apres, nouvelles, touchees)
	}
	if h.annulations != 0 {
		t.Error("une course appliquée a été annulée")
	}
	// What could not be put in service did not happen.
	v := b.d.Vue()
	defer v.Rendre()
	d, err := Comparer(context.Background(), muter(f, 6).flux(), v, b.o)
	if err != nil {
		t.Fatal(err)
	}
	if err := Appliquer(context.Background(), d, depotPlein{b.d}); err == nil || h.annulations != 1 {
		t.Errorf("disque plein : %v, %d annulations", err, h.annulations)
	}
}

// depotPlein is a depot whose disk is full.
type depotPlein struct{ Depot }

func (depotPlein) Superposer(context.Context, []annuaire.Changement) error {
	return syscall.ENOSPC
}
