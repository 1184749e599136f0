package monde

import (
	"bytes"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/trame"
)

func moteur(t testing.TB) calcul.Moteur {
	t.Helper()
	m, err := calcul.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// The shares of each line, worked out by hand from the texts: FJ 23.00, PAS 32.00,
// FPU reduced 9.96; consultations and acts 70 %, biology 60 %, stays 80 %. A line is
// expense, AMO, local scheme, lower ranks, AMC, patient, in cents.
var aLaMain = map[string][][6]int{
	// 26.50 × 70 % = 18.55; 75.60 × 70 % = 52.92; 21.60 × 60 % = 12.96. The mutuelle pays the rest of each.
	"consultation/1": {{2650, 1855, 0, 0, 795, 0}, {7560, 5292, 0, 0, 2268, 0}, {2160, 1296, 0, 0, 864, 0}},
	// 57.60 × 70 % = 40.32, TM 17.28.
	"consultation/3": {{2650, 1855, 0, 0, 795, 0}, {5760, 4032, 0, 0, 1728, 0}, {2160, 1296, 0, 0, 864, 0}},

	// AMO 80 % of 4 500 = 3 600. TM 20 % of 900 = 180 a night, above FJ 23: it is billed, and the FJ of the exit
	// day is added. Private room 70 a night; the mutuelle pays 50 a day for the 30 − 25 = 5 days left: 250.
	// 7 nights: TM 1 260; room 490.
	"sejour-public/1": {{486000, 360000, 0, 0, 126000, 0}, {2300, 0, 0, 0, 2300, 0}, {49000, 0, 0, 0, 25000, 24000}},
	// 8 nights: TM 1 440; room 560.
	"sejour-public/2": {{504000, 360000, 0, 0, 144000, 0}, {2300, 0, 0, 0, 2300, 0}, {56000, 0, 0, 0, 25000, 31000}},
	// 6 nights: TM 1 080; room 420; the five days given back by the cancellation are there again.
	"sejour-public/4": {{468000, 360000, 0, 0, 108000, 0}, {2300, 0, 0, 0, 2300, 0}, {42000, 0, 0, 0, 25000, 17000}},

	// Clinic: TM 20 % of 2 400 = 480, above FJ 3 × 23: billed, AMO 1 920; exit day 23, of which the contract pays 15.
	// Room 85 a night, not covered. Surgeon: 80 % of 110 = 88, TM 22, excess 150 not covered. Anaesthetist: 80 % of
	// 65 = 52, TM 13, excess 45.
	"sejour-clinique/1": {{240000, 192000, 0, 0, 48000, 0}, {2300, 0, 0, 0, 1500, 800}, {17000, 0, 0, 0, 0, 17000},
		{26000, 8800, 0, 0, 2200, 15000}, {11000, 5200, 0, 0, 1300, 4500}},
	// Base typed 56: AMO 44.80, TM 11.20, excess 54.
	"sejour-clinique/2": {{240000, 192000, 0, 0, 48000, 0}, {2300, 0, 0, 0, 1500, 800}, {25500, 0, 0, 0, 0, 25500},
		{26000, 8800, 0, 0, 2200, 15000}, {11000, 4480, 0, 0, 1120, 5400}},
	"sejour-clinique/4": {{240000, 192000, 0, 0, 48000, 0}, {2300, 0, 0, 0, 1500, 800}, {25500, 0, 0, 0, 0, 25500},
		{26000, 8800, 0, 0, 2200, 15000}, {11000, 5200, 0, 0, 1300, 4500}},

	// Heavy act: no TM, AMO 3 000 − 32, PAS 32, and the FJ of 4 nights and of the exit day, 5 × 23 = 115. Room 95 a
	// night: 60 a day is 240, but of the 1 200 of the year 1 080 are used: 120.
	"chirurgie/1": {{296800, 296800, 0, 0, 0, 0}, {3200, 0, 0, 0, 3200, 0}, {11500, 0, 0, 0, 11500, 0}, {38000, 0, 0, 0, 12000, 26000}},
	// Transfer: the exit day is not due, 4 × 23 = 92.
	"chirurgie/2": {{296800, 296800, 0, 0, 0, 0}, {3200, 0, 0, 0, 3200, 0}, {9200, 0, 0, 0, 9200, 0}, {38000, 0, 0, 0, 12000, 26000}},
	"chirurgie/4": {{296800, 296800, 0, 0, 0, 0}, {3200, 0, 0, 0, 3200, 0}, {11500, 0, 0, 0, 11500, 0}, {38000, 0, 0, 0, 12000, 26000}},

	// Consultation: AMO 21; 150 % of 30 = 45, minus 21 = 24. Act: AMO 56; 150 % of 80 = 120, minus 56 = 64.
	"depassements/1": {{6000, 2100, 0, 0, 2400, 1500}, {15000, 5600, 0, 0, 6400, 3000}},
	// Outside OPTAM, 20 points less: 130 % of 80 = 104, minus 56 = 48.
	"depassements/3": {{6000, 2100, 0, 0, 2400, 1500}, {15000, 5600, 0, 0, 4800, 4600}},

	// AMO 80 % of 1 500; TM 20 % of 850 × 2 = 340; exit day 23; room 60 × 2, the contract pays 45 × 2.
	"calcul-local/1": {{154000, 120000, 0, 0, 34000, 0}, {2300, 0, 0, 0, 2300, 0}, {12000, 0, 0, 0, 9000, 3000}},

	// AMO 80 % of 2 800; TM 180 × 5 = 900; exit day 23; room 90 × 5 = 450: the first pays 50 × 5, the second 30 × 5.
	"deux-amc/2": {{314000, 224000, 0, 0, 90000, 0}, {2300, 0, 0, 0, 2300, 0}, {45000, 0, 0, 0, 25000, 20000}},
	"deux-amc/3": {{314000, 224000, 0, 90000, 0, 0}, {2300, 0, 0, 2300, 0, 0}, {45000, 0, 0, 25000, 15000, 5000}},

	// The FPU replaces the TM: the AMO pays the consultation, the mutuelle the reduced charge.
	"urgences/1": {{2650, 2650, 0, 0, 0, 0}, {996, 0, 0, 0, 996, 0}},

	// Maternity: AMO 100 %, no FJ (code R). Room 70 × 3, 50 a day paid; companion 40 × 3, 25 a day paid.
	"maternite/1": {{260000, 260000, 0, 0, 0, 0}, {21000, 0, 0, 0, 15000, 6000}, {12000, 0, 0, 0, 7500, 4500}},

	// The local scheme pays TM 180 × 3 = 540 and the exit day 23; room 65 × 3, 50 a day paid.
	"alsace-moselle/1": {{198000, 144000, 54000, 0, 0, 0}, {2300, 0, 2300, 0, 0, 0}, {19500, 0, 0, 0, 15000, 4500}},
}

// rejeu plays a story with the engine alone, as the parties would.
type rejeu struct {
	*testing.T
	m         *Monde
	moteur    calcul.Moteur
	h         *Histoire
	compteurs map[int]calcul.Compteurs // by rank
	pris      map[int][]calcul.Compteur
	reponses  map[int]*roc.ReponseCalcul
	cites     []roc.RangInferieur
}

func rejouer(t *testing.T, m *Monde, h *Histoire) *rejeu {
	r := &rejeu{T: t, m: m, moteur: moteur(t), h: h, compteurs: map[int]calcul.Compteurs{}, pris: map[int][]calcul.Compteur{}, reponses: map[int]*roc.ReponseCalcul{}}
	for _, c := range h.Patient.Couvertures {
		r.compteurs[c.Rang] = c.Consomme
	}
	return r
}

// calculer plays SIM, CLC or a local calculation, and keeps what it commits.
func (r *rejeu) calculer(e *Etape) (*roc.DemandeCalcul, *roc.ReponseCalcul) {
	c := r.h.Patient.Couverture(e.Rang)
	contrat := r.m.Contrat(c, r.h.Entree)
	if contrat == nil {
		r.Fatalf("%s: no contract on the day of entry", r.h.Cle)
	}
	d, err := r.m.Demande(r.moteur, r.h, e, r.cites[:e.Rang-1]...)
	if err != nil {
		r.Fatal(err)
	}
	k := contrat.Calcul()
	if e.Service == roc.SIM {
		rep, err := roc.Estimer(r.moteur, k, d, r.compteurs[e.Rang])
		if err != nil {
			r.Fatalf("%s: SIM: %v", r.h.Cle, err)
		}
		return d, rep
	}
	rep, pris, err := roc.Repartir(r.moteur, k, d, r.compteurs[e.Rang])
	if err != nil {
		r.Fatalf("%s: CLC: %v", r.h.Cle, err)
	}
	r.compteurs[e.Rang], r.pris[e.Rang] = r.compteurs[e.Rang].Plus(pris...), pris
	r.cites = append(r.cites, Citer(d, rep.Lignes))
	return d, rep
}

func (r *rejeu) annuler(e *Etape) {
	r.compteurs[e.Rang] = r.compteurs[e.Rang].Moins(r.pris[e.Rang]...)
	r.cites = r.cites[:e.Rang-1]
}

// lignes sets the question beside the answer.
func lignes(t *testing.T, d *roc.DemandeCalcul, rep *roc.ReponseCalcul) (l [][6]int, total Parts) {
	t.Helper()
	if len(rep.Lignes) != len(d.Lignes) {
		t.Fatalf("%d lines answered, %d asked", len(rep.Lignes), len(d.Lignes))
	}
	for i := range d.Lignes {
		q, x := &d.Lignes[i], &rep.Lignes[i]
		var bas sante.Montant
		for _, r := range d.RangsInferieurs {
			bas += r.Montants[i].Montant
		}
		p := Parts{q.MontantDepense, q.MontantAMO, q.AutrePayeur, bas, x.MontantAMC, *x.MontantPatient}
		l = append(l, [6]int{int(p.Depense), int(p.AMO), int(p.Autre), int(p.Inferieurs), int(p.AMC), int(p.Patient)})
		total = Parts{total.Depense + p.Depense, total.AMO + p.AMO, total.Autre + p.Autre, total.Inferieurs + p.Inferieurs, total.AMC + p.AMC, total.Patient + p.Patient}
	}
	return l, total
}

func TestHistoires(t *testing.T) {
	m := nouveau(t, aujourdhui)
	histoires, err := m.Histoires()
	if err != nil {
		t.Fatal(err)
	}
	jouees := 0
	for i := range histoires {
		h := &histoires[i]
		t.Run(h.Cle, func(t *testing.T) {
			r := rejouer(t, m, h)
			for j := range h.Etapes {
				e := &h.Etapes[j]
				switch {
				case e.Service == roc.DEL:
					r.annuler(e)
					continue
				case e.Fait == nil:
					continue
				}
				jouees++
				cle := h.Cle + "/" + string(rune('0'+j))
				d, rep := r.calculer(e)
				got, total := lignes(t, d, rep)
				if diff := cmp.Diff(aLaMain[cle], got); diff != "" {
					t.Errorf("%s by hand -, by the engine +: %s", cle, diff)
				}
				if e.Attendu == nil || *e.Attendu != total {
					t.Errorf("%s announces %+v, want %+v", cle, e.Attendu, total)
				}
			}
		})
	}
	if jouees != len(aLaMain) {
		t.Errorf("%d calculations played, %d worked out by hand", jouees, len(aLaMain))
	}
}

// On any day, expense = the shares, and no share is negative; the shares worked
// out by hand are announced only under the tables that they suppose.
func TestConservation(t *testing.T) {
	for _, j := range jours() {
		m := nouveau(t, j)
		histoires, err := m.Histoires()
		if err != nil {
			t.Fatal(err)
		}
		for i := range histoires {
			r := rejouer(t, m, &histoires[i])
			for k := range histoires[i].Etapes {
				e := &histoires[i].Etapes[k]
				switch {
				case e.Service == roc.DEL:
					r.annuler(e)
				case e.Fait != nil:
					d, rep := r.calculer(e)
					l, p := lignes(t, d, rep)
					if p.Depense != p.AMO+p.Autre+p.Inferieurs+p.AMC+p.Patient {
						t.Errorf("%s %s: shares do not add up: %+v", j, r.h.Cle, p)
					}
					for _, x := range l {
						if slices.Min(x[:]) < 0 {
							t.Errorf("%s %s: negative share: %v", j, r.h.Cle, x)
						}
					}
					if connus := j-30 >= baremesConnus; (e.Attendu != nil) != connus || connus && *e.Attendu != p {
						t.Errorf("%s %s: announces %+v, want %+v", j, r.h.Cle, e.Attendu, p)
					}
				}
			}
		}
	}
}

// Every story asks before it computes, cancels only what was committed, and
// commits again; its questions pass the controls of the engine.
func TestDeroulement(t *testing.T) {
	m := nouveau(t, aujourdhui)
	histoires, _ := m.Histoires()
	dossiers := map[string]bool{}
	for i := range histoires {
		h := &histoires[i]
		if dossiers[h.Dossier] || len(h.Dossier) > 20 || h.Titre == "" {
			t.Errorf("%s: dossier %q", h.Cle, h.Dossier)
		}
		dossiers[h.Dossier] = true
		connu, engage := map[int]bool{}, map[int]bool{}
		for j := range h.Etapes {
			e := &h.Etapes[j]
			amc := m.Assureur(h.Patient.Couverture(e.Rang).AMC)
			switch {
			case e.Service == roc.IDB:
				connu[e.Rang] = true
			case e.Service == roc.DEL:
				if !engage[e.Rang] || e.Motif == "" {
					t.Errorf("%s: cancels what was not committed", h.Cle)
				}
				engage[e.Rang] = false
			case !connu[e.Rang] || engage[e.Rang]:
				t.Errorf("%s: computes without rights, or twice", h.Cle)
			case e.Service == roc.SIM && (amc.Simulation == "fermee" || h.Contexte == roc.ContexteACE):
				t.Errorf("%s: simulates where there is no simulation", h.Cle)
			case e.Local && !amc.CalculLocal:
				t.Errorf("%s: computes for an insurer that does not let it", h.Cle)
			case e.Service == roc.CLC:
				engage[e.Rang] = true
			}
		}
	}
	for _, cle := range []string{CleMoulin, CleMarees, ClePhare, CleVerger} {
		if !slices.ContainsFunc(histoires, func(h Histoire) bool { return h.Patient.Couvertures[0].AMC == cle }) {
			t.Errorf("no story of %s", cle)
		}
	}
}

// voyage checks that a question can be written, and read back the same.
func voyage[Q any](t *testing.T, qui string, q *Q) {
	t.Helper()
	plan := trame.Pour[Q](roc.Espace)
	b, lu := plan.AppendJSON(nil, q), new(Q)
	if err := plan.Verify(q); err != nil {
		t.Errorf("%s: %v", qui, err)
	}
	if err := plan.DecodeJSON(b, lu); err != nil || !bytes.Equal(plan.AppendJSON(nil, lu), b) {
		t.Errorf("%s: %v, or not read back the same", qui, err)
	}
}

// Every question of the world holds in a message.
func TestQuestionsTiennentDansUnMessage(t *testing.T) {
	m := nouveau(t, aujourdhui)
	histoires, _ := m.Histoires()
	for i := range histoires {
		h := &histoires[i]
		r := rejouer(t, m, h)
		for j := range h.Etapes {
			switch e := &h.Etapes[j]; {
			case e.Service == roc.DEL:
				r.annuler(e)
			case e.Fait == nil:
				voyage(t, h.Cle, &roc.DemandeIDB{Entete: m.Entete(h, e.Rang)})
			default:
				d, rep := r.calculer(e)
				voyage(t, h.Cle, d)
				voyage(t, h.Cle, rep)
			}
		}
	}
	refus, _ := m.Refus()
	for _, r := range refus {
		if r.IDB != nil {
			voyage(t, r.Cle, r.IDB)
			continue
		}
		voyage(t, r.Cle, r.Annuaire)
	}
	for i := range m.Patients {
		h := Histoire{Patient: &m.Patients[i], Etablissement: &m.Etablissements[0], Contexte: roc.ContexteACE, Entree: m.Jour}
		for _, c := range h.Patient.Couvertures {
			voyage(t, h.Patient.Cle, &roc.DemandeIDB{Entete: m.Entete(&h, c.Rang)})
		}
	}
}

// A patient without an insurer has no card, and the world says so without falling.
func TestSansCarte(t *testing.T) {
	m := nouveau(t, aujourdhui)
	h := Histoire{Patient: m.Patient("sekou"), Etablissement: &m.Etablissements[0]}
	if e := m.Entete(&h, 1); e.Carte != (roc.Carte{}) || !e.Beneficiaire.NumeroAdherent.IsZero() {
		t.Error("a card was found for who has none")
	}
}

func TestDemandeSansFait(t *testing.T) {
	m := nouveau(t, aujourdhui)
	histoires, _ := m.Histoires()
	if _, err := m.Demande(moteur(t), &histoires[0], &histoires[0].Etapes[0]); err == nil {
		t.Error("a calculation of nothing was written")
	}
}

func TestRefus(t *testing.T) {
	for _, j := range jours() {
		m := nouveau(t, j)
		l, err := m.Refus()
		if err != nil {
			t.Fatal(err)
		}
		vus := map[roc.Code]bool{}
		for _, r := range l {
			if (r.IDB == nil) == (r.Annuaire == nil) || vus[r.Code] || r.Titre == "" || r.Etablissement == nil || r.Code.Libelle() == "" {
				t.Errorf("%s %s: incomplete, or its code is another's", j, r.Cle)
			}
			vus[r.Code] = true
			if r.IDB != nil && r.IDB.Etablissement.FinessJuridique != r.Etablissement.Finess {
				t.Errorf("%s: asked in the name of another hospital", r.Cle)
			}
		}
		for _, c := range []roc.Code{"I101", "I102", "I103", "I104", "D201", "D202", "D203", "D204", "D205", "D206", "D207", "A001", "A002", "A003", "A004"} {
			if !vus[c] {
				t.Errorf("no refusal %s", c)
			}
		}
	}
}

// The rights behind each refusal are what its title says.
func TestRefusFondes(t *testing.T) {
	m := nouveau(t, aujourdhui)
	ouvert := func(cle string, j sante.Jour) bool { return m.Contrat(&m.Patient(cle).Couvertures[0], j) != nil }
	for _, c := range []struct {
		patient string
		jour    sante.Jour
		ouvert  bool
	}{
		{"pascal", aujourdhui, false}, {"pascal", aujourdhui - 30, true}, {"nadege", aujourdhui, false}, {"nadege", aujourdhui - 21, true},
		{"julien", aujourdhui + 14, false}, {"julien", aujourdhui + 15, true}, {"nolwenn", aujourdhui - 1, false}, {"nolwenn", aujourdhui, true},
		{"manuel", aujourdhui + 5, true}, {"manuel", aujourdhui + 6, false}, {"marcel", aujourdhui, true},
	} {
		if got := ouvert(c.patient, c.jour); got != c.ouvert {
			t.Errorf("%s on %s: open %v, want %v", c.patient, c.jour, got, c.ouvert)
		}
	}
	if got := m.Contrat(&m.Patient("sylvie").Couvertures[0], aujourdhui-11).Numero; got != "ML-SOCLE" {
		t.Errorf("before the change: %s", got)
	}
	if got := m.Contrat(&m.Patient("sylvie").Couvertures[0], aujourdhui-10).Numero; got != "ML-CADRES" {
		t.Errorf("after the change: %s", got)
	}
}
