package droits_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/internal/gate/gatetest"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// refusTechniques are all that a sealed refusal may say, and who must act: nobody in
// particular when it is "".
func refusTechniques() map[roc.Code]string {
	m := map[roc.Code]string{}
	for _, s := range roc.Significations() {
		if s.Code.Technique() {
			m[s.Code] = map[bool]string{true: "l'officine"}[s.Code.Famille() == 'S']
		}
	}
	for _, c := range []roc.Code{roc.Illisible, roc.Version, roc.MemeID, roc.SceauInvalide} {
		m[c] = "l'éditeur du logiciel de l'officine"
	}
	return m
}

// anciens are the rights of an earlier billing, so many days ago: how many days were left
// of them then, and X. ref: VISIO §8.3
type anciens struct {
	nom      string
	aucun    bool
	revoques bool
	reste    sante.Jour
	ecoules  int
	x        int
	permis   bool
}

// Each row of the rule of the degraded mode, under each refusal that a sealed answer may be:
// who refuses the question says nothing of the rights, whoever is at fault, and earlier ones
// serve exactly as under a silence. 200 is never said. ref: VISIO §8.3, §14
func TestRegleDegradeeSousChaqueRefus(t *testing.T) {
	v := nouvelleVille(t)
	codes := refusTechniques()
	if len(codes) < 14 {
		t.Fatalf("%d refus techniques", len(codes))
	}
	for _, x := range []anciens{
		{nom: "encore ouverts", reste: 11, x: 0, permis: true},
		{nom: "finis hier, X = 0", ecoules: 1, x: 0},
		{nom: "finis hier, X = 1", ecoules: 1, x: 1},
		{nom: "finis hier, X = 2", ecoules: 1, x: 2, permis: true},
		{nom: "finis depuis 15 jours, X = 15", ecoules: 15, x: 15},
		{nom: "finis depuis 14 jours, X = 15", ecoules: 14, x: 15, permis: true},
		{nom: "aucun", aucun: true, x: 15},
		{nom: "révoqués", reste: 20, ecoules: 3, x: 15, revoques: true},
	} {
		t.Run(x.nom, func(t *testing.T) {
			v.t = t
			k := &kiosqueLAR{numero: 1}
			lars := httptest.NewServer(k)
			defer lars.Close()
			o, gardes := v.ayantDroits(x, len(codes), lars.URL, k)
			n := 0
			for code, qui := range codes {
				n++
				for _, relaye := range []bool{false, true} {
					v.refuser(t, o, x, n, code, qui, relaye, gardes[n])
				}
			}
			attentes := obtenirT[[]droits.Attente](t)(o.Magasin.Attentes())
			if len(attentes) != len(codes) {
				t.Errorf("%d questions à reposer, pour %d refusées", len(attentes), len(codes))
			}
			// Once it is mended, what waited is asked again and answered.
			v.service.sur(func(q *question) rendu { return q.fournir(nil) })
			if l, err := v.poste(o).Relancer(context.Background()); err != nil || len(l) != len(codes) {
				t.Errorf("%d relancées, %v", len(l), err)
			}
		})
	}
}

// ayantDroits gives n persons rights for a delivery of that many days ago; those that are
// revoked were given on that day, and revoked then.
func (v *ville) ayantDroits(x anciens, n int, lars string, k *kiosqueLAR) (droits.OptionsPoste, map[int]droits.NumeroAccreditation) {
	lar := v.entree(func(e *visiodroits.EntreeService) { e.Service, e.Adresse, e.Structures = visiodroits.LAR, lars, nil })
	entree := v.entree(func(e *visiodroits.EntreeService) { e.NbJoursTolerance = x.x })
	o := v.options(v.classeur(v.listes(1, entree, lar)...))
	gardes := map[int]droits.NumeroAccreditation{}
	if x.aucun {
		return o, gardes
	}
	p, jour := v.poste(o), sante.JourA(v.Horloge(), sante.Paris())
	if !x.revoques {
		jour -= sante.Jour(x.ecoules)
	}
	v.service.sur(func(q *question) rendu {
		return q.fournir(func(d *donne) { d.e.Debut, d.e.Fin = jour-1, jour+x.reste })
	})
	for i := 1; i <= n; i++ {
		patient, carte := v.patient(i)
		r := obtenirT[*droits.Vente](v.t)(p.Droits(context.Background(), patient, carte, jour))
		if !r.TiersPayant {
			v.t.Fatal(r.Phrase, r.Diagnostic)
		}
		gardes[i] = r.Accreditation.Accreditation().Numero
	}
	if x.revoques {
		v.revoquer(p, k, gardes)
		v.passer(time.Duration(x.ecoules) * 24 * time.Hour)
	}
	return o, gardes
}

// revoquer publishes that accreditations are revoked from today.
func (v *ville) revoquer(p *droits.Poste, k *kiosqueLAR, gardes map[int]droits.NumeroAccreditation) {
	t := v.t
	t.Helper()
	jour := sante.JourA(v.Horloge(), sante.Paris())
	var l []droits.EntreeLAR
	for _, n := range gardes {
		l = append(l, droits.EntreeLAR{Numero: n, Effet: jour, Motif: droits.Radiation, DroitsFin: jour + 30})
	}
	editeur := &droits.EditeurLAR{Emetteur: numeroAMC(t, mutuelleNo), Kid: "l1", Cle: v.cleLAR}
	var err error
	if k.complete, _, err = editeur.Complete(1, v.Horloge(), slices.Values(l)); err != nil {
		t.Fatal(err)
	}
	actualiser(t, p)
}

// refuser asks for a person under a refusal, and checks the sale.
func (v *ville) refuser(t *testing.T, o droits.OptionsPoste, x anciens, n int, code roc.Code, qui string, relaye bool, numero droits.NumeroAccreditation) {
	t.Helper()
	// The insurer refuses, or the concentrator, which may for technical reasons only: T020 and
	// T011 are of who comes after it.
	par, want := v.mutuelle, visiodroits.ServiceIndisponible
	if relaye {
		v.parOCT(&o)
		if par = v.oct; code != roc.PanneRelais && code != roc.DelaiInterne {
			want = visiodroits.OCTInjoignable
		}
	}
	v.service.sur(func(q *question) rendu { return q.refuse(par, code) })
	r := v.droits(v.poste(o), n)
	cas := fmt.Sprintf("%s, relais %v", code, relaye)
	if r.Code != want || r.TiersPayant != x.permis || (r.Degrade != nil) != x.permis || r.JetonDossier != "" {
		t.Fatalf("%s : %s %s, tiers payant %v, dégradé %v ; want %s, %v", cas, r.Code, r.Phrase, r.TiersPayant, r.Degrade != nil, want, x.permis)
	}
	if croyable := !relaye || code.Famille() == 'T'; croyable && (!strings.Contains(r.Phrase, string(code)+" ") || qui != "" && r.QuiAgit != qui) {
		t.Errorf("%s : %s, qui agit %q, want %q", cas, r.Phrase, r.QuiAgit, qui)
	}
	if !x.permis {
		return
	}
	verifierPreuve(t, o.Magasin, r, droits.ErreurReponse)
	if a := r.Accreditation.Accreditation(); a.Numero != numero {
		t.Errorf("%s : accréditation %s, want %s", cas, a.Numero, numero)
	}
	var f droits.FactureOfficine
	r.Facturer(&f)
	if f.Degrade == nil || len(f.Degrade.Tentatives) != 1 || f.NumeroAccreditation != numero.String() {
		t.Errorf("%s : facture %+v", cas, f.Degrade)
	}
}

// Whatever rights there were, whatever X, however long ago, whoever refuses and with what:
// the sale is what the rule of the digest says, and 200 is not said. ref: VISIO §8.3
func TestRegleDegradeeParTirage(t *testing.T) {
	v := nouvelleVille(t)
	var codes []roc.Code
	for c := range refusTechniques() {
		codes = append(codes, c)
	}
	slices.Sort(codes)
	pannes := []func(par *gatetest.Partie, c roc.Code) func(*question) rendu{
		func(par *gatetest.Partie, c roc.Code) func(*question) rendu {
			return func(q *question) rendu { return q.refuse(par, c) }
		},
		func(*gatetest.Partie, roc.Code) func(*question) rendu {
			return func(*question) rendu { return rendu{} }
		},
		func(par *gatetest.Partie, _ roc.Code) func(*question) rendu {
			return func(q *question) rendu { return q.dit(par, visiodroits.ServiceIndisponible) }
		},
	}
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		n++
		x := anciens{reste: sante.Jour(rapid.IntRange(0, 5).Draw(r, "reste")), ecoules: rapid.IntRange(0, 12).Draw(r, "écoulés"),
			x: rapid.IntRange(0, 10).Draw(r, "X"), aucun: rapid.IntRange(0, 5).Draw(r, "aucun") == 0}
		depuis := x.ecoules - int(x.reste)
		x.permis = !x.aucun && (depuis <= 0 || depuis < x.x)
		o, _ := v.ayantDroits(x, 1, "https://lar.exemple", nil)
		par := rapid.SampledFrom([]*gatetest.Partie{v.mutuelle, v.oct, v.otp, v.intrus}).Draw(r, "par")
		if rapid.Bool().Draw(r, "relais") {
			v.parOCT(&o)
		}
		v.service.sur(rapid.SampledFrom(pannes).Draw(r, "panne")(par, rapid.SampledFrom(codes).Draw(r, "code")))
		s := v.droits(v.poste(o), 1)
		if !s.Code.Degrade() || s.TiersPayant != x.permis || (s.Degrade != nil) != x.permis {
			r.Fatalf("%+v : %s %s, tiers payant %v", x, s.Code, s.Phrase, s.TiersPayant)
		}
	})
}
