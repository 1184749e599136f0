package cercle_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/internal/cercle"
	"github.com/ecluse-sante/ecluse/internal/cercle/cercletest"
)

var (
	ctx   = context.Background()
	mars  = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	jour  = 24 * time.Hour
	hop   = cercle.Lien{Tenant: "labo", Structure: "1990000127", Role: cercle.RoleEtablissement, Identifiant: "990000127"}
	amc   = cercle.Lien{Tenant: "labo", Structure: "2999123458", Role: cercle.RoleAMC, Identifiant: "99900011"}
	ope   = cercle.Lien{Tenant: "labo", Structure: "399912345800013", Role: cercle.RoleOperateur, Identifiant: "OTP-LABO"}
	relai = cercle.Lien{Tenant: "labo", Structure: "1990000341", Role: cercle.RoleRelais, Identifiant: "OCT-LABO"}
)

// mandatDe says that one operator acts for one AMC during March.
type mandatDe struct{}

func (mandatDe) Mandate(tenant, operateur, amc string, a time.Time) bool {
	return tenant == "labo" && operateur == "OTP-LABO" && amc == "99900022" && !a.Before(mars) && a.Before(mars.Add(30*jour))
}

func ouvrir(t testing.TB) *cercle.Cercle {
	t.Helper()
	c, err := cercle.Ouvrir(ctx, &cercletest.Memoire{}, mandatDe{}, func() time.Time { return mars })
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func fait(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// peuple is a circle with an hospital, an AMC, an operator and a relay that
// carries for the hospital; the hospital is suspended from day 10 to day 12.
func peuple(t testing.TB) *cercle.Cercle {
	c := ouvrir(t)
	fait(t, c.Admettre(ctx, []cercle.Lien{hop, amc, ope, relai}, cercle.Periode{Du: mars, Au: mars.Add(60 * jour)}, "essai"))
	fait(t, c.AdmettrePortage(ctx, cercle.Portage{Tenant: "labo", Relais: relai.Structure, Pour: hop.Structure}, mars, "essai"))
	fait(t, c.Suspendre(ctx, hop, mars.Add(10*jour), "essai"))
	fait(t, c.Reprendre(ctx, hop, mars.Add(12*jour), "essai"))
	return c
}

func TestVerifier(t *testing.T) {
	c := peuple(t)
	q := func(canal, scelleur cercle.Lien, r cercle.Role, id string, j int) cercle.Question {
		return cercle.Question{Tenant: "labo", Canal: canal.Structure, Scelleur: scelleur.Structure, EmetteurType: r, EmetteurID: id, A: mars.Add(time.Duration(j) * jour)}
	}
	de := func(canal, scelleur cercle.Lien, j int) cercle.Question {
		return q(canal, scelleur, scelleur.Role, scelleur.Identifiant, j)
	}
	autre := de(hop, hop, 1)
	autre.Tenant = "voisin"
	inconnue := hop
	inconnue.Structure = "1999999999"
	for _, x := range []struct {
		nom   string
		q     cercle.Question
		motif cercle.Motif
		code  string
	}{
		{"en direct", de(hop, hop, 1), "", ""},
		{"par le relais admis", de(relai, hop, 1), "", ""},
		{"l'organisme en direct", de(amc, amc, 1), "", ""},
		{"le relais en son nom", de(relai, relai, 1), "", ""},
		{"la veille de l'admission", de(hop, hop, -1), cercle.MotifPasEncoreAdmis, "S505"},
		{"pendant la suspension", de(hop, hop, 11), cercle.MotifSuspendu, "S505"},
		{"après la reprise", de(hop, hop, 12), "", ""},
		{"après la sortie", de(hop, hop, 60), cercle.MotifRetire, "S505"},
		{"sous le FINESS d'un autre", q(hop, hop, cercle.RoleEtablissement, "990000341", 1), cercle.MotifIdentifiant, "S501"},
		{"sous le bon numéro, dans un autre rôle", q(hop, hop, cercle.RoleRelais, "990000127", 1), cercle.MotifIdentifiant, "S501"},
		{"l'hôpital au nom de l'organisme", q(hop, hop, cercle.RoleAMC, amc.Identifiant, 1), cercle.MotifIdentifiant, "S501"},
		{"l'opérateur mandaté", q(ope, ope, cercle.RoleAMC, "99900022", 1), "", ""},
		{"l'opérateur une fois le mandat fini", q(ope, ope, cercle.RoleAMC, "99900022", 31), cercle.MotifNonMandate, "S505"},
		{"l'opérateur pour un autre organisme", q(ope, ope, cercle.RoleAMC, amc.Identifiant, 1), cercle.MotifNonMandate, "S505"},
		{"structure inconnue", de(inconnue, inconnue, 1), cercle.MotifHorsCercle, "S505"},
		{"cercle d'un autre locataire", autre, cercle.MotifHorsCercle, "S505"},
		{"canal étranger", de(inconnue, hop, 1), cercle.MotifCanalHorsCercle, "S505"},
		{"canal d'un hôpital", de(hop, amc, 1), cercle.MotifCanalHorsCercle, "S505"},
		{"relais non admis pour l'organisme", de(relai, amc, 1), cercle.MotifPortage, "S505"},
		{"canal sans structure", cercle.Question{Tenant: "labo", Scelleur: hop.Structure, EmetteurType: hop.Role, EmetteurID: hop.Identifiant, A: mars}, cercle.MotifCanalHorsCercle, "S505"},
		{"question vide", cercle.Question{}, cercle.MotifHorsCercle, "S505"},
	} {
		err := c.Verifier(x.q)
		var r *cercle.Refus
		if x.motif == "" && err != nil || x.motif != "" && (!errors.As(err, &r) || r.Motif != x.motif || r.Code() != x.code || r.Phrase() == "") {
			t.Errorf("%s : %v, want %q %s", x.nom, err, x.motif, x.code)
		}
	}
}

func TestPortage(t *testing.T) {
	c := peuple(t)
	p := cercle.Portage{Tenant: "labo", Relais: relai.Structure, Pour: cercle.Tous}
	q := cercle.Question{Tenant: "labo", Canal: relai.Structure, Scelleur: amc.Structure, EmetteurType: amc.Role, EmetteurID: amc.Identifiant, A: mars.Add(jour)}
	fait(t, c.AdmettrePortage(ctx, p, mars, "essai"))
	if err := c.Verifier(q); err != nil {
		t.Errorf("porté pour tous : %v", err)
	}
	p.Pour = amc.Structure
	fait(t, c.SuspendrePortage(ctx, p, mars, "essai"))
	if err := c.Verifier(q); !errors.Is(err, &cercle.Refus{Motif: cercle.MotifPortage}) {
		t.Errorf("suspendu pour celui-ci seulement : %v", err)
	}
	if l := c.ListerPortages("labo", mars); len(l) != 3 || len(c.ListerPortages("voisin", mars)) != 0 {
		t.Errorf("portages : %+v", l)
	}
}

func TestDecisionsRefusees(t *testing.T) {
	c := peuple(t)
	un := func(f func(*cercle.Lien)) []cercle.Lien { l := hop; f(&l); return []cercle.Lien{l} }
	p := cercle.Periode{Du: mars.Add(jour)}
	for nom, x := range map[string]struct {
		err  error
		want error
	}{
		"FINESS d'une autre structure": {c.Admettre(ctx, un(func(l *cercle.Lien) { l.Structure = "1990000341" }), p, "essai"), cercle.ErrDejaTenu},
		"deux fois dans un lot": {c.Admettre(ctx, []cercle.Lien{
			{Tenant: "labo", Structure: "A", Role: cercle.RoleRelais, Identifiant: "R"}, {Tenant: "labo", Structure: "B", Role: cercle.RoleRelais, Identifiant: "R"}}, p, "essai"), cercle.ErrDejaTenu},
		"clé FINESS fausse":        {c.Admettre(ctx, un(func(l *cercle.Lien) { l.Identifiant = "990000128" }), p, "essai"), cercle.ErrFait},
		"numéro d'AMC irrégulier":  {c.Admettre(ctx, []cercle.Lien{{Tenant: "labo", Structure: "X", Role: cercle.RoleAMC, Identifiant: "12"}}, p, "essai"), cercle.ErrFait},
		"rôle inconnu":             {c.Admettre(ctx, un(func(l *cercle.Lien) { l.Role = "X" }), p, "essai"), cercle.ErrFait},
		"sans locataire":           {c.Admettre(ctx, un(func(l *cercle.Lien) { l.Tenant = "" }), p, "essai"), cercle.ErrFait},
		"décideur non dit":         {c.Admettre(ctx, un(func(l *cercle.Lien) { l.Identifiant = "990000341" }), p, ""), cercle.ErrFait},
		"fin avant le début":       {c.Admettre(ctx, []cercle.Lien{hop}, cercle.Periode{Du: mars, Au: mars}, "essai"), cercle.ErrFait},
		"admettre un suspendu":     {c.Admettre(ctx, []cercle.Lien{hop}, cercle.Periode{Du: mars.Add(11 * jour)}, "essai"), cercle.ErrEtat},
		"reprendre un admis":       {c.Reprendre(ctx, hop, mars.Add(jour), "essai"), cercle.ErrEtat},
		"suspendre un inconnu":     {c.Suspendre(ctx, cercle.Lien{Tenant: "labo", Structure: "X", Role: cercle.RoleRelais, Identifiant: "X"}, mars, "essai"), cercle.ErrEtat},
		"suspendre chez le voisin": {c.Suspendre(ctx, cercle.Lien{Tenant: "voisin", Structure: hop.Structure, Role: hop.Role, Identifiant: hop.Identifiant}, mars.Add(jour), "essai"), cercle.ErrEtat},
		"relais pour lui-même":     {c.AdmettrePortage(ctx, cercle.Portage{Tenant: "labo", Relais: "X", Pour: "X"}, mars, "essai"), cercle.ErrFait},
	} {
		if !errors.Is(x.err, x.want) {
			t.Errorf("%s : %v, want %v", nom, x.err, x.want)
		}
	}
	if n := len(c.Lister("labo", mars)); n != 4 {
		t.Errorf("%d liens après ces refus, want 4", n)
	}
}

// TestRetirePuisAutre: an identifier given back may be another structure's.
func TestRetirePuisAutre(t *testing.T) {
	c := peuple(t)
	l := hop
	l.Structure = "2999123458"
	fait(t, c.Retirer(ctx, hop, mars.Add(20*jour), "essai"))
	if err := c.Admettre(ctx, []cercle.Lien{l}, cercle.Periode{Du: mars.Add(19 * jour)}, "essai"); !errors.Is(err, cercle.ErrDejaTenu) {
		t.Errorf("la veille du retrait : %v, want ErrDejaTenu", err)
	}
	fait(t, c.Admettre(ctx, []cercle.Lien{l}, cercle.Periode{Du: mars.Add(20 * jour)}, "essai"))
	q := cercle.Question{Tenant: "labo", Canal: hop.Structure, Scelleur: hop.Structure, EmetteurType: hop.Role, EmetteurID: hop.Identifiant, A: mars.Add(21 * jour)}
	if err := c.Verifier(q); !errors.Is(err, &cercle.Refus{Motif: cercle.MotifRetire}) {
		t.Errorf("l'ancien titulaire : %v, want retiré", err)
	}
	q.Canal, q.Scelleur = l.Structure, l.Structure
	fait(t, c.Verifier(q))
}

// TestFrise: whatever the order in which decisions are taken, the state at an
// instant is that of the last effect before it.
func TestFrise(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := &cercletest.Memoire{}
		var faits []cercle.Fait
		for i, e := range rapid.SliceOfN(rapid.IntRange(0, 20), 1, 12).Draw(t, "effets") {
			etat := rapid.SampledFrom([]cercle.Etat{cercle.EtatAdmis, cercle.EtatSuspendu, cercle.EtatRetire}).Draw(t, "état")
			f := cercle.Fait{Lien: hop, Etat: etat, Effet: mars.Add(time.Duration(e) * jour), Par: "essai", Le: mars}
			if err := d.Ajouter(ctx, int64(i), []cercle.Fait{f}); err != nil {
				t.Fatal(err)
			}
			faits = append(faits, f)
		}
		c, err := cercle.Ouvrir(ctx, d, nil, func() time.Time { return mars })
		if err != nil {
			t.Fatal(err)
		}
		a := mars.Add(time.Duration(rapid.IntRange(0, 21).Draw(t, "instant")) * jour)
		var want cercle.Etat
		var effet time.Time
		for _, f := range faits {
			if !f.Effet.After(a) && !f.Effet.Before(effet) {
				want, effet = f.Etat, f.Effet
			}
		}
		if got := c.Lister("labo", a)[0].Etat; got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}

// TestSuivre: the loop sees a change, tells a failure, and stops with its context.
func TestSuivre(t *testing.T) {
	d := &cercletest.Memoire{}
	c, err := cercle.Ouvrir(ctx, panne{d, &atomic.Bool{}}, nil, time.Now)
	fait(t, err)
	autre, err := cercle.Ouvrir(ctx, d, nil, time.Now)
	fait(t, err)
	bref, arreter := context.WithCancel(ctx)
	fini := make(chan struct{})
	go func() { c.Suivre(bref, time.Millisecond, nil); close(fini) }()
	fait(t, autre.Admettre(ctx, []cercle.Lien{hop}, cercle.Periode{Du: mars}, "essai"))
	for limite := time.Now().Add(5 * time.Second); len(c.Lister("labo", mars)) == 0; {
		if time.Now().After(limite) {
			t.Fatal("le changement n'est pas vu")
		}
		time.Sleep(time.Millisecond)
	}
	arreter()
	<-fini
	p := panne{d, &atomic.Bool{}}
	c, err = cercle.Ouvrir(ctx, p, nil, time.Now)
	fait(t, err)
	avant := c.Fraicheur()
	p.en.Store(true)
	erreurs := make(chan error, 100)
	bref, arreter = context.WithCancel(ctx)
	go c.Suivre(bref, time.Millisecond, func(err error) { erreurs <- err })
	if err := <-erreurs; !errors.Is(err, errPanne) {
		t.Errorf("got %v, want la panne", err)
	}
	arreter()
	if len(c.Lister("labo", mars)) != 1 || !c.Fraicheur().Equal(avant) {
		t.Error("en panne, la dernière vue répond et sa fraîcheur n'avance pas")
	}
}

var errPanne = errors.New("base arrêtée")

type panne struct {
	*cercletest.Memoire
	en *atomic.Bool
}

func (p panne) Version(ctx context.Context) (int64, error) {
	if p.en.Load() {
		return 0, errPanne
	}
	return p.Memoire.Version(ctx)
}

func BenchmarkVerifier100000(b *testing.B) {
	c := ouvrir(b)
	const n = 100_000
	liens := make([]cercle.Lien, n)
	for i := range liens {
		liens[i] = cercle.Lien{Tenant: "labo", Structure: fmt.Sprintf("S%09d", i), Role: cercle.RoleAMC, Identifiant: fmt.Sprintf("%09d", i)}
	}
	fait(b, c.Admettre(ctx, append(liens, relai), cercle.Periode{Du: mars}, "essai"))
	fait(b, c.AdmettrePortage(ctx, cercle.Portage{Tenant: "labo", Relais: relai.Structure, Pour: cercle.Tous}, mars, "essai"))
	for nom, canal := range map[string]string{"direct": "", "relais": relai.Structure} {
		b.Run(nom, func(b *testing.B) {
			b.ReportAllocs()
			cpu(b, func() {
				nom := []byte("S000000000") // names at hand, as those of a message just read
				texte := unsafe.String(&nom[0], len(nom))
				for i := 0; b.Loop(); i++ {
					for j, k := 9, i*7919%n; k > 0; j, k = j-1, k/10 {
						nom[j] = byte('0' + k%10)
					}
					q := cercle.Question{Tenant: "labo", Canal: canal, Scelleur: texte, EmetteurType: cercle.RoleAMC, EmetteurID: texte[1:], A: mars}
					if canal == "" {
						q.Canal = texte
					}
					if err := c.Verifier(q); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}

// Several cards act under the billing number of one pharmacy, each dated by itself; none
// under that of another, nor once it is withdrawn.
func TestProfessionnel(t *testing.T) {
	c := ouvrir(t)
	lien := func(carte string) cercle.Lien {
		return cercle.Lien{Tenant: "labo", Structure: carte, Role: cercle.RoleProfessionnel, Identifiant: "752000012"}
	}
	const titulaire, adjoint = "899900112204", "899900112212"
	fait(t, c.Admettre(ctx, []cercle.Lien{lien(titulaire), lien(adjoint)}, cercle.Periode{Du: mars}, "essai"))
	fait(t, c.Retirer(ctx, lien(adjoint), mars.Add(time.Hour), "essai"))
	for _, x := range []struct {
		carte, numero string
		apres         time.Duration
		motif         cercle.Motif
	}{
		{titulaire, "752000012", 0, ""}, {adjoint, "752000012", 0, ""}, {titulaire, "752000012", 2 * time.Hour, ""},
		{adjoint, "752000012", 2 * time.Hour, cercle.MotifRetire}, {titulaire, "752000020", 0, cercle.MotifIdentifiant},
		{"899900456700", "752000012", 0, cercle.MotifHorsCercle}, {titulaire, "752000012", -time.Hour, cercle.MotifPasEncoreAdmis},
	} {
		err := c.Verifier(cercle.Question{Tenant: "labo", Canal: x.carte, Scelleur: x.carte, EmetteurType: cercle.RoleProfessionnel, EmetteurID: x.numero, A: mars.Add(x.apres)})
		if x.motif == "" && err != nil || x.motif != "" && !errors.Is(err, &cercle.Refus{Motif: x.motif}) {
			t.Errorf("%+v : %v", x, err)
		}
	}
	if err := c.Admettre(ctx, []cercle.Lien{{Tenant: "labo", Structure: titulaire, Role: cercle.RoleProfessionnel, Identifiant: "75200001"}}, cercle.Periode{Du: mars}, "essai"); !errors.Is(err, cercle.ErrFait) {
		t.Errorf("numéro de facturation trop court : %v", err)
	}
}

// A relay is believed of who asks without a seal as far as it may carry for him, and for
// strangers when it may carry for everyone.
func TestRelaie(t *testing.T) {
	c := peuple(t)
	const officine, autre, suspendue, etrangere = "752000012", "752000020", "752000038", "752000046"
	lien := func(structure, numero string) cercle.Lien {
		return cercle.Lien{Tenant: "labo", Structure: structure, Role: cercle.RoleProfessionnel, Identifiant: numero}
	}
	fait(t, c.Admettre(ctx, []cercle.Lien{lien("S-1", officine), lien("S-2", autre), lien("S-3", suspendue)}, cercle.Periode{Du: mars}, "essai"))
	fait(t, c.Suspendre(ctx, lien("S-3", suspendue), mars.Add(jour), "essai"))
	fait(t, c.AdmettrePortage(ctx, cercle.Portage{Tenant: "labo", Relais: relai.Structure, Pour: "S-1"}, mars, "essai"))
	fait(t, c.AdmettrePortage(ctx, cercle.Portage{Tenant: "labo", Relais: ope.Structure, Pour: cercle.Tous}, mars, "essai"))
	fait(t, c.SuspendrePortage(ctx, cercle.Portage{Tenant: "labo", Relais: ope.Structure, Pour: "S-2"}, mars.Add(jour), "essai"))
	for _, x := range []struct {
		nom, tenant, canal, numero string
		jour                       int
		want                       bool
	}{
		{"relais de cette officine", "labo", relai.Structure, officine, 2, true},
		{"avant d'être admis", "labo", relai.Structure, officine, -1, false},
		{"après l'avoir été", "labo", relai.Structure, officine, 61, false},
		{"relais d'une autre officine", "labo", relai.Structure, autre, 2, false},
		{"relais qui ne porte pas pour tous", "labo", relai.Structure, etrangere, 2, false},
		{"opérateur qui porte pour tous", "labo", ope.Structure, etrangere, 2, true},
		{"sauf pour celle-ci", "labo", ope.Structure, autre, 2, false},
		{"officine suspendue", "labo", ope.Structure, suspendue, 2, false},
		{"numéro mal formé", "labo", ope.Structure, "75200004", 2, false},
		{"texte quelconque", "labo", ope.Structure, "x droits", 2, false},
		{"une structure qui n'est pas relais", "labo", hop.Structure, etrangere, 2, false},
		{"l'officine elle-même", "labo", "S-1", officine, 2, false},
		{"canal inconnu", "labo", "1999999999", officine, 2, false},
		{"autre locataire", "voisin", ope.Structure, etrangere, 2, false},
	} {
		if got := c.Relaie(x.tenant, x.canal, cercle.RoleProfessionnel, x.numero, mars.Add(time.Duration(x.jour)*jour)); got != x.want {
			t.Errorf("%s : %v", x.nom, got)
		}
	}
}
