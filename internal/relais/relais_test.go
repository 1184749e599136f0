package relais_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/relais"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/sceautest"
)

var (
	midi     = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	hopital  = roc.Partie{Type: roc.ES, ID: "990000127"}
	mutuelle = roc.Partie{Type: roc.AMC, ID: "99000001"}
	oct      = roc.Partie{Type: roc.OCT, ID: "OCT-1"}
)

const (
	structureES     = "1990000127"
	structureAMC    = "2999123458"
	structureOTP    = "2999123466"
	structureRelais = "2999123474"
	structureAutre  = "1990000341"
	adresse         = "https://amc.test/base"
)

// banc is a relay whose link is a function of the test.
type banc struct {
	id       *sceautest.Identite
	cachets  map[string]*sceau.Cachet
	r        *relais.Relais
	face     sceau.Face
	reglages relais.Reglages
	a        atomic.Int64 // shift of the clock
	mu       sync.Mutex
	poster   func(ctx context.Context, e *relais.Envoi) (*relais.Arrivee, error)
	envois   []relais.Envoi
	ouverts  []string
	fermes   int
	annuaire func(d *roc.DemandeAnnuaire) (*roc.ReponseAnnuaire, error)
}

func (b *banc) horloge() time.Time { return midi.Add(time.Duration(b.a.Load())) }

func (b *banc) Ouvrir(adresse string, empreintes []string) relais.Lien {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ouverts = append(b.ouverts, strings.Join(append([]string{adresse}, empreintes...), " "))
	return lien{b}
}

type lien struct{ b *banc }

func (l lien) Poster(ctx context.Context, e *relais.Envoi) (*relais.Arrivee, error) {
	l.b.mu.Lock()
	l.b.envois = append(l.b.envois, *e)
	poster := l.b.poster
	l.b.mu.Unlock()
	return poster(ctx, e)
}

func (l lien) Fermer() {
	l.b.mu.Lock()
	defer l.b.mu.Unlock()
	l.b.fermes++
}

func (b *banc) Resoudre(_ context.Context, d *roc.DemandeAnnuaire) (*roc.ReponseAnnuaire, roc.Fraicheur, error) {
	r, err := b.annuaire(d)
	return r, roc.Fraicheur{}, err
}

func nouveauBanc(t *testing.T, face sceau.Face, reglages relais.Reglages, routes ...relais.Route) *banc {
	t.Helper()
	b := &banc{id: sceautest.New(t, structureES, midi), cachets: map[string]*sceau.Cachet{}, face: face}
	for _, s := range []string{structureES, structureAMC, structureOTP, structureRelais, structureAutre} {
		b.cachets[s] = b.id.Emettre(t, s, midi)
	}
	b.annuaire = func(d *roc.DemandeAnnuaire) (*roc.ReponseAnnuaire, error) { return reponseAnnuaire(d.NumeroAMC), nil }
	b.reglages = reglages
	b.r = b.nouveau(t, func(*relais.Parametres) {}, routes...)
	return b
}

func (b *banc) nouveau(t *testing.T, changer func(*relais.Parametres), routes ...relais.Route) *relais.Relais {
	t.Helper()
	p := relais.Parametres{Moi: oct, Juge: b.id.Juge, Courrier: b, Annuaire: b, Horloge: b.horloge, Reglages: b.reglages}
	changer(&p)
	r, err := relais.New(p, routes)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func reponseAnnuaire(n sante.NumeroAMC) *roc.ReponseAnnuaire {
	return &roc.ReponseAnnuaire{Retour: roc.RetourDe(roc.Accepte, ""), NumeroAMCCible: n, Structure: structureAMC,
		Operateur: &roc.Operateur{ID: "OTP-1", Structure: structureOTP, MandatDebut: sante.JourDe(2026, 1, 1), MandatFin: sante.JourDe(2026, 12, 31)},
		Points:    []roc.Point{{Service: roc.DEL, Adresse: adresse, OuvertureDebut: 1}, {Service: roc.SIM, Adresse: adresse, OuvertureDebut: 1}}}
}

// question is a sealed question, as the gate gives it.
func (b *banc) question(t *testing.T, changer func(*roc.Enveloppe)) *relais.Question {
	t.Helper()
	m := roc.Message[roc.DemandeDEL]{Corps: &roc.DemandeDEL{IDSimulation: "SIMULATION-01", Motif: roc.Doublon}}
	m.Enveloppe = roc.Enveloppe{NormeVersion: roc.Profil, Service: roc.DEL, Sens: roc.Question, IDMessage: roc.NouvelUUID(), IDEchange: roc.NouvelUUID(),
		IDDossierES: "V0001", Horodatage: b.horloge(), Emetteur: hopital, Destinataire: mutuelle, Environnement: roc.Test}
	if changer != nil {
		changer(&m.Enveloppe)
	}
	p := b.ouvrir(t, structureES, roc.EchangeDEL.Demande.AppendJSON(nil, &m), roc.EchangeDEL.Demande.AppendXML(nil, roc.EchangeDEL.NomDemande, &m))
	return &relais.Question{Norme: roc.ROC, Piece: p, Enveloppe: &m.Enveloppe, Recu: b.horloge()}
}

func (b *banc) sceller(t *testing.T, structure string, json, xml []byte) sceau.Scelle {
	t.Helper()
	s, err := b.cachets[structure].REST(json, nil, b.horloge())
	if b.face == sceau.SOAP {
		s, err = b.cachets[structure].SOAP(xml, nil, b.horloge())
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (b *banc) ouvrir(t *testing.T, structure string, json, xml []byte) *sceau.Piece {
	t.Helper()
	p, err := b.lire(b.sceller(t, structure, json, xml).Octets)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (b *banc) lire(octets []byte) (*sceau.Piece, error) {
	o := sceau.Ouvreur{Juge: b.id.Juge, Relais: roc.BlocChaine}
	if b.face == sceau.SOAP {
		return o.SOAP(octets, b.horloge())
	}
	return o.REST(octets, b.horloge())
}

func (b *banc) enveloppe(q *relais.Question) roc.Enveloppe {
	return roc.Enveloppe{NormeVersion: roc.Profil, Service: roc.DEL, Sens: roc.Reponse, IDMessage: roc.NouvelUUID(), IDEchange: q.Enveloppe.IDEchange,
		IDDossierES: "V0001", Horodatage: b.horloge(), Emetteur: mutuelle, Destinataire: hopital, Environnement: roc.Test,
		EmpreinteQuestion: sceau.EmpreinteTexte(q.Piece.Empreinte())}
}

// reponse is a sealed answer to the question.
func (b *banc) reponse(t *testing.T, q *relais.Question, structure string, changer func(*roc.Enveloppe)) []byte {
	m := roc.Message[roc.ReponseDEL]{Enveloppe: b.enveloppe(q), Corps: &roc.ReponseDEL{Retour: roc.RetourDe(roc.EngagementInconnu, "")}}
	if changer != nil {
		changer(&m.Enveloppe)
	}
	return b.sceller(t, structure, roc.EchangeDEL.Reponse.AppendJSON(nil, &m), roc.EchangeDEL.Reponse.AppendXML(nil, roc.EchangeDEL.NomReponse, &m)).Octets
}

// refus is a sealed technical or security refusal of the question.
func (b *banc) refus(t *testing.T, q *relais.Question, structure string, c roc.Code, changer func(*roc.Enveloppe)) []byte {
	m := roc.Message[roc.CorpsRefus]{Enveloppe: b.enveloppe(q), Corps: &roc.CorpsRefus{Retour: roc.RetourDe(c, "ailleurs"), ReprendreApres: 7}}
	if structure == structureRelais {
		m.Enveloppe.Emetteur = roc.Partie{Type: roc.OCT, ID: "OCT-2"}
	}
	if changer != nil {
		changer(&m.Enveloppe)
	}
	faute := []byte(`<soap:Fault><soap:Code><soap:Value>soap:Receiver</soap:Value></soap:Code><soap:Reason><soap:Text xml:lang="fr">refus</soap:Text></soap:Reason><soap:Detail>`)
	faute = roc.PlanRefus.AppendXML(faute, roc.NomRefus, &m)
	return b.sceller(t, structure, roc.PlanRefus.AppendJSON(nil, &m), append(faute, "</soap:Detail></soap:Fault>"...)).Octets
}

func (b *banc) rendre(octets []byte) {
	b.poster = func(context.Context, *relais.Envoi) (*relais.Arrivee, error) {
		return &relais.Arrivee{Octets: octets, Feuille: "feuille", Attente: 3}, nil
	}
}

func (b *banc) relayer(q *relais.Question) (*relais.Reponse, *roc.Refus) {
	r, err := b.r.Relayer(context.Background(), q)
	var refus *roc.Refus
	if err != nil && !errors.As(err, &refus) {
		refus = &roc.Refus{Code: "?", Detail: err.Error()}
	}
	return r, refus
}

func chaqueFace(t *testing.T, f func(t *testing.T, face sceau.Face)) {
	for _, face := range []sceau.Face{sceau.REST, sceau.SOAP} {
		t.Run(string(face), func(t *testing.T) { f(t, face) })
	}
}

func TestRelayer(t *testing.T) {
	chaqueFace(t, func(t *testing.T, face sceau.Face) {
		b := nouveauBanc(t, face, relais.Reglages{})
		q := b.question(t, nil)
		premier := roc.Maillon{Role: roc.OTP, ID: "AVANT", Horodatage: midi}
		q.Chaine.Maillons = append(make([]roc.Maillon, 0, 4), premier)
		b.rendre(b.reponse(t, q, structureAMC, nil))
		r, refus := b.relayer(q)
		if refus != nil {
			t.Fatal(refus)
		}
		if r.Code != roc.EngagementInconnu || r.Refus || r.Feuille != "feuille" || r.Attente != 3 {
			t.Errorf("got %+v", r)
		}
		moi := roc.Maillon{Role: roc.OCT, ID: "OCT-1", Horodatage: midi}
		for nom, c := range map[string]struct {
			octets []byte
			piece  *sceau.Piece
			want   []roc.Maillon
		}{
			"question": {b.envois[0].Octets, q.Piece, []roc.Maillon{premier, moi}},
			"réponse":  {r.Octets, r.Piece, []roc.Maillon{moi}},
		} {
			p, err := b.lire(c.octets)
			if err != nil {
				t.Fatalf("%s : %v", nom, err)
			}
			chaine, err := roc.LireChaine(p)
			if err != nil || len(chaine.Maillons) != len(c.want) || chaine.Maillons[len(c.want)-1] != moi || chaine.Maillons[0] != c.want[0] {
				t.Errorf("%s : chaîne %+v, %v", nom, chaine, err)
			}
			if p.Empreinte() != c.piece.Empreinte() {
				t.Errorf("%s : ce qui est scellé a changé", nom)
			}
		}
		if len(q.Chaine.Maillons) != 1 || q.Chaine.Maillons[:2][1] != (roc.Maillon{}) {
			t.Error("la chaîne du portail a été modifiée")
		}
	})
}

// What comes back is believed only when it answers this question and when who
// sealed it may.
func TestCroire(t *testing.T) {
	type q = *relais.Question
	route := relais.Route{Destinataire: "99000001", Adresse: adresse, Structures: []string{structureAMC, structureOTP}, Relais: []string{structureRelais}}
	for _, c := range []struct {
		nom    string
		rendre func(t *testing.T, b *banc, q q) []byte
		want   roc.Code // of the refusal in our name; "" when the answer is carried
		detail string
	}{
		{"réponse de l'AMC", func(t *testing.T, b *banc, q q) []byte { return b.reponse(t, q, structureAMC, nil) }, "", ""},
		{"réponse de l'opérateur mandaté", func(t *testing.T, b *banc, q q) []byte { return b.reponse(t, q, structureOTP, nil) }, "", ""},
		{"refus de sécurité de l'AMC", func(t *testing.T, b *banc, q q) []byte { return b.refus(t, q, structureAMC, roc.HorsCercle, nil) }, "", ""},
		{"refus de l'AMC qui n'a pas lu la question", func(t *testing.T, b *banc, q q) []byte {
			return b.refus(t, q, structureAMC, roc.SceauInvalide, func(e *roc.Enveloppe) { e.EmpreinteQuestion, e.IDEchange = "", roc.NouvelUUID() })
		}, "", ""},
		{"refus technique du relais suivant", func(t *testing.T, b *banc, q q) []byte { return b.refus(t, q, structureRelais, roc.Saturation, nil) }, roc.Saturation, "OCT-2"},
		{"refus de sécurité du relais suivant", func(t *testing.T, b *banc, q q) []byte { return b.refus(t, q, structureRelais, roc.HorsCercle, nil) }, roc.PanneRelais, "technique"},
		{"refus d'un relais suivant sans dire de quoi", func(t *testing.T, b *banc, q q) []byte {
			return b.refus(t, q, structureRelais, roc.PanneRelais, func(e *roc.Enveloppe) { e.EmpreinteQuestion = "" })
		}, roc.PanneRelais, "autre question"},
		{"refus d'un inconnu", func(t *testing.T, b *banc, q q) []byte { return b.refus(t, q, structureAutre, roc.PanneRelais, nil) }, roc.PanneRelais, "mandaté"},
		{"refus d'une autre question par l'AMC", func(t *testing.T, b *banc, _ q) []byte {
			return b.refus(t, b.question(t, nil), structureAMC, roc.HorsCercle, nil)
		}, roc.PanneRelais, "autre question"},
		{"refus qui est une question", func(t *testing.T, b *banc, q q) []byte {
			return b.refus(t, q, structureAMC, roc.HorsCercle, func(e *roc.Enveloppe) { e.Sens = roc.Question })
		}, roc.PanneRelais, "autre question"},
		{"vieux refus de l'AMC", func(t *testing.T, b *banc, q q) []byte {
			return b.refus(t, q, structureAMC, roc.SceauInvalide, func(e *roc.Enveloppe) {
				e.EmpreinteQuestion, e.Horodatage = "", midi.Add(-time.Hour)
			})
		}, roc.PanneRelais, "300 secondes"},
		{"réponse du relais suivant à la place de l'AMC", func(t *testing.T, b *banc, q q) []byte { return b.reponse(t, q, structureRelais, nil) }, roc.PanneRelais, "mandaté"},
		{"réponse d'un inconnu", func(t *testing.T, b *banc, q q) []byte { return b.reponse(t, q, structureAutre, nil) }, roc.PanneRelais, "mandaté"},
		{"réponse à une autre question", func(t *testing.T, b *banc, _ q) []byte {
			return b.reponse(t, b.question(t, nil), structureAMC, nil)
		}, roc.PanneRelais, "autre question"},
		{"autre empreinte", reponse(func(e *roc.Enveloppe) { e.EmpreinteQuestion = "" }), roc.PanneRelais, "autre question"},
		{"autre échange", reponse(func(e *roc.Enveloppe) { e.IDEchange = roc.NouvelUUID() }), roc.PanneRelais, "autre question"},
		{"autre service", reponse(func(e *roc.Enveloppe) { e.Service = roc.CLC }), roc.PanneRelais, "autre question"},
		{"autre sens", reponse(func(e *roc.Enveloppe) { e.Sens = roc.Question }), roc.PanneRelais, "autre question"},
		{"autre environnement", reponse(func(e *roc.Enveloppe) { e.Environnement = roc.Production }), roc.PanneRelais, "autre question"},
		{"autre émetteur", reponse(func(e *roc.Enveloppe) { e.Emetteur.ID = "99000002" }), roc.PanneRelais, "autre partie"},
		{"horloge en avance", reponse(func(e *roc.Enveloppe) { e.Horodatage = midi.Add(time.Hour) }), roc.PanneRelais, "300 secondes"},
		{"question rendue telle quelle", func(t *testing.T, b *banc, _ q) []byte { return b.envois[0].Octets }, roc.PanneRelais, "mandaté"},
		{"sceau altéré", func(t *testing.T, b *banc, q q) []byte {
			return []byte(strings.Replace(string(b.reponse(t, q, structureAMC, nil)), "C302", "C303", 1))
		}, roc.PanneRelais, ""},
		{"pas un message", func(*testing.T, *banc, q) []byte { return []byte("bonjour") }, roc.PanneRelais, ""},
		{"chaîne de retour pleine", func(t *testing.T, b *banc, q q) []byte { return pleine(t, b, b.reponse(t, q, structureAMC, nil)) }, roc.PanneRelais, "trop de relais"},
	} {
		t.Run(c.nom, func(t *testing.T) {
			chaqueFace(t, func(t *testing.T, face sceau.Face) {
				b := nouveauBanc(t, face, relais.Reglages{}, route)
				q := b.question(t, nil)
				b.poster = func(context.Context, *relais.Envoi) (*relais.Arrivee, error) {
					return &relais.Arrivee{Octets: c.rendre(t, b, q)}, nil
				}
				r, refus := b.relayer(q)
				switch {
				case c.want == "" && refus != nil:
					t.Fatal(refus)
				case c.want == "":
					if strings.HasPrefix(c.nom, "refus") != r.Refus {
						t.Errorf("got %+v", r)
					}
				case refus == nil:
					t.Fatalf("porté alors que %s était attendu", c.want)
				case refus.Code != c.want || !strings.Contains(refus.Detail, c.detail) || len(refus.Detail) > 500:
					t.Errorf("got %v, want %s « %s »", refus, c.want, c.detail)
				case c.want == roc.Saturation && refus.Reprise != 7:
					t.Errorf("délai avant de recommencer perdu : %+v", refus)
				}
			})
		})
	}
}

func reponse(changer func(*roc.Enveloppe)) func(*testing.T, *banc, *relais.Question) []byte {
	return func(t *testing.T, b *banc, q *relais.Question) []byte { return b.reponse(t, q, structureAMC, changer) }
}

// pleine gives an answer that crossed as many relays as it may.
func pleine(t *testing.T, b *banc, octets []byte) []byte {
	p, err := b.lire(octets)
	if err != nil {
		t.Fatal(err)
	}
	var c roc.Chaine
	for range roc.ChaineMax {
		c.Maillons = append(c.Maillons, roc.Maillon{Role: roc.OTP, ID: "X", Horodatage: midi})
	}
	bloc := roc.PlanChaine.AppendJSON(nil, &c)
	if b.face == sceau.SOAP {
		bloc = roc.PlanChaine.AppendXML(nil, roc.NomChaine, &c)
	}
	octets, err = p.Enchainer(nil, bloc)
	if err != nil {
		t.Fatal(err)
	}
	return octets
}
