package gate_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/gate"
	"github.com/ecluse-sante/ecluse/internal/gate/gatetest"
	"github.com/ecluse-sante/ecluse/internal/gate/store"
	"github.com/ecluse-sante/ecluse/internal/igc/igctest"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
)

const (
	structureES  = "1990000127"
	structureAMC = "2999123458"
	dossier      = "V0001"
)

var (
	hopital  = roc.Partie{Type: roc.ES, ID: "990000127"}
	mutuelle = roc.Partie{Type: roc.AMC, ID: "99000001"}
)

// banc is a hospital's client and an insurer's gate whose rules count.
type banc struct {
	*gatetest.Labo
	tb      testing.TB
	es, amc *gatetest.Partie
	s       *gatetest.Serveur
	client  *roc.Client
	reg     *gatetest.Registre
	regles  atomic.Int64
	lent    atomic.Int64 // milliseconds that the rule takes
	panne   atomic.Pointer[error]
	exige   atomic.Bool // baseline properties, from everybody
}

func nouveauBanc(t *testing.T, b *bdd.Base, face sceau.Face) *banc {
	t.Helper()
	x := &banc{Labo: gatetest.New(t), tb: t}
	x.es, x.amc = x.Partie(t, structureES, "CH DE TEST"), x.Partie(t, structureAMC, "MUTUELLE DE TEST")
	regle := func(ctx context.Context, q sceau.Opened[roc.Message[roc.DemandeDEL]]) (*roc.ReponseDEL, error) {
		x.regles.Add(1)
		time.Sleep(time.Duration(x.lent.Load()) * time.Millisecond)
		if e := x.panne.Load(); e != nil {
			return nil, *e
		}
		return &roc.ReponseDEL{Retour: roc.RetourDe(roc.Accepte, ""), EtatEngagement: roc.EtatAnnule}, nil
	}
	etat := func(ctx context.Context, q sceau.Opened[roc.Message[roc.DemandeEtat]]) (*roc.ReponseEtat, error) {
		x.regles.Add(1)
		if e := x.panne.Load(); e != nil {
			if _, ok := (*e).(panique); ok {
				panic("bogue")
			}
			return nil, *e
		}
		return &roc.ReponseEtat{Retour: roc.RetourDe(roc.Accepte, ""), Etat: roc.Operationnel}, nil
	}
	porte := gate.NewPorte("amc:99000001", mutuelle, roc.Test, x.amc.Cachet,
		gate.Offrir(roc.EchangeDEL, regle, gate.Options[roc.DemandeDEL, roc.ReponseDEL]{Engage: true}),
		gate.Offrir(roc.EchangeEtat, etat, gate.Options[roc.DemandeEtat, roc.ReponseEtat]{}))
	porte.Dechiffrer(x.amc.Conf.Cles)
	porte.Baseline = func(string) bool { return x.exige.Load() }
	x.s = x.Servir(t, b, gate.Limites{}, porte)
	x.s.Cercle.Admettre(structureES, hopital)
	x.client, x.reg = x.Client(t, x.es, hopital, face)
	x.client.Resolveur = &roc.Resolveur{Horloge: x.Horloge, Demander: func(context.Context, *roc.DemandeAnnuaire) (*roc.ReponseAnnuaire, error) {
		return x.annuaire(), nil
	}}
	return x
}

type panique struct{ error }

func (x *banc) annuaire() *roc.ReponseAnnuaire {
	r := &roc.ReponseAnnuaire{Retour: roc.RetourDe(roc.Accepte, ""), NumeroAMCCible: numero(), Structure: structureAMC}
	for _, s := range []roc.Service{roc.DEL, roc.ETAT} {
		r.Points = append(r.Points, roc.Point{Service: s, Adresse: x.s.Adresse, OuvertureDebut: 1, CertificatEmpreinte: []string{x.s.Epingle},
			CleConfidentialite: x.amc.Conf.Certificat})
	}
	return r
}

func numero() sante.NumeroAMC {
	n, err := sante.ParseNumeroAMC("99000001")
	if err != nil {
		panic(err)
	}
	return n
}

func demandeDEL() *roc.DemandeDEL {
	return &roc.DemandeDEL{IDSimulation: "SIMULATION-01", Motif: roc.Doublon}
}

func routage() roc.Routage {
	return roc.Routage{NumeroAMC: numero(), DateReference: sante.JourDe(2026, 3, 2), Domaine: roc.HospitalACE}
}

func (x *banc) del(t *testing.T) (*roc.Rendu[roc.ReponseDEL], error) {
	t.Helper()
	return x.client.DEL(context.Background(), dossier, routage(), demandeDEL())
}

func code(err error) roc.Code {
	var r *roc.Refus
	if errors.As(err, &r) {
		return r.Code
	}
	if err != nil {
		return "?"
	}
	return roc.Accepte
}

func TestAllerRetour(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		for _, face := range []sceau.Face{sceau.REST, sceau.SOAP} {
			t.Run(string(face), func(t *testing.T) {
				x := nouveauBanc(t, b, face)
				r, err := x.del(t)
				if err != nil {
					t.Fatal(err)
				}
				if r.Corps.EtatEngagement != roc.EtatAnnule || r.Repondant != structureAMC || r.Feuille == "" {
					t.Errorf("rendu %+v", r)
				}
				e, err := x.client.Etat(context.Background(), dossier, routage(), &roc.DemandeEtat{})
				if err != nil || e.Corps.Etat != roc.Operationnel {
					t.Fatalf("état %+v, %v", e, err)
				}
				tr := x.s.Journal.Traces()
				if len(tr) != 2 || tr[0].EmpreinteQ != r.EmpreinteQuestion || tr[0].EmpreinteR != r.EmpreinteReponse || tr[0].Code != roc.Accepte {
					t.Errorf("traces %+v", tr)
				}
				if len(x.reg.Departs) != 2 || len(x.reg.Arrivees) != 2 {
					t.Errorf("registre : %d départs, %d arrivées", len(x.reg.Departs), len(x.reg.Arrivees))
				}
			})
		}
	}, store.Migrations)
}

// The same question gives the same result once the rule has run, whatever the
// face and however late; another content under the same idMessage is T012.
func TestRepetition(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		x := nouveauBanc(t, b, sceau.REST)
		id := roc.Suivi{IDMessage: roc.NouvelUUID(), IDEchange: roc.NouvelUUID()}
		demander := func(d *roc.DemandeDEL) (*roc.Rendu[roc.ReponseDEL], error) {
			return roc.Reprendre[roc.DemandeDEL, roc.ReponseDEL](context.Background(), x.client, roc.EchangeDEL, routage(), dossier, d, id)
		}
		un, err := demander(demandeDEL())
		if err != nil {
			t.Fatal(err)
		}
		x.Avancer(time.Hour)
		x.client.Face = sceau.SOAP
		deux, err := demander(demandeDEL())
		if err != nil {
			t.Fatal(err)
		}
		if *un.Corps != *deux.Corps || un.EmpreinteReponse == deux.EmpreinteReponse || x.regles.Load() != 1 {
			t.Errorf("%+v puis %+v, règle appelée %d fois", un.Corps, deux.Corps, x.regles.Load())
		}
		autre := demandeDEL()
		autre.Motif = roc.Deces
		if _, err := demander(autre); code(err) != roc.MemeID {
			t.Errorf("autre contenu : %v", err)
		}
		if tr := x.s.Journal.Traces(); len(tr) != 3 || !tr[1].Repetition || tr[2].Code != roc.MemeID {
			t.Errorf("traces %+v", tr)
		}
	}, store.Migrations)
}

// Many copies of one question at once: the rule commits once, all get its result.
func TestCourse(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		x := nouveauBanc(t, b, sceau.REST)
		for _, e := range []func(s roc.Suivi) error{
			func(s roc.Suivi) error {
				_, err := roc.Reprendre[roc.DemandeDEL, roc.ReponseDEL](context.Background(), x.client, roc.EchangeDEL, routage(), dossier, demandeDEL(), s)
				return err
			},
			func(s roc.Suivi) error {
				_, err := roc.Reprendre[roc.DemandeEtat, roc.ReponseEtat](context.Background(), x.client, roc.EchangeEtat, routage(), dossier, &roc.DemandeEtat{}, s)
				return err
			},
		} {
			id := roc.Suivi{IDMessage: roc.NouvelUUID(), IDEchange: roc.NouvelUUID()}
			var attente sync.WaitGroup
			for range 12 {
				attente.Go(func() {
					if err := e(id); err != nil {
						t.Error(err)
					}
				})
			}
			attente.Wait()
		}
		var n int
		if err := x.s.Base.Lecteur(context.Background()).QueryRowContext(context.Background(), "SELECT COUNT(*) FROM message_traite").Scan(&n); err != nil || n != 2 {
			t.Errorf("%d messages en mémoire, %v", n, err)
		}
	}, store.Migrations)
}

func TestChiffrementPourUnRelais(t *testing.T) {
	for _, face := range []sceau.Face{sceau.REST, sceau.SOAP} {
		x := nouveauBanc(t, nil, face)
		// The relay is the gate itself: what matters here is that the body is encrypted.
		x.client.Relais = &roc.AccesRelais{Adresse: x.s.Adresse, Structure: structureAMC}
		r, err := x.del(t)
		if err != nil {
			t.Fatal(err)
		}
		tr := x.s.Journal.Traces()[0]
		if !r.Chiffre || !tr.Chiffre || bytes.Contains(tr.Question, []byte("DOUBLON")) || bytes.Contains(tr.Reponse, []byte("ANNULE")) {
			t.Errorf("%s : le corps se lit", face)
		}
	}
}

func TestRefus(t *testing.T) {
	panne := error(errors.New("disque"))
	bogue := error(panique{errors.New("")})
	for _, c := range []struct {
		nom     string
		changer func(x *banc)
		want    roc.Code
	}{
		{"structure hors du cercle", func(x *banc) {
			x.s.Cercle.Admettre(structureES, roc.Partie{})
			x.s.Cercle.Admettre("1990000341", hopital)
		}, roc.AutreIdentifiant},
		{"autre FINESS que celui du certificat", func(x *banc) { x.client.Moi.ID = "990000341" }, roc.AutreIdentifiant},
		{"cachet d'une autre structure que le canal", func(x *banc) {
			p := x.Partie(x.tb, "1990000341", "AUTRE")
			x.s.Cercle.Admettre("1990000341", hopital)
			x.client.Cachet = func() *sceau.Cachet { return p.Cachet }
		}, roc.HorsCercle},
		{"horloge en avance d'une heure", func(x *banc) {
			avance := x.client.Horloge
			x.client.Horloge = func() time.Time { return avance().Add(time.Hour) }
		}, roc.Rejeu},
		{"autre environnement", func(x *banc) { x.client.Environnement = roc.Production }, roc.HorsCercle},
		{"quota", func(x *banc) { x.s.Vigie.Refuser = roc.Refuser(roc.Quota, "") }, roc.Quota},
		{"cachet révoqué", func(x *banc) { x.revoquer(x.es.CachetF.AC, x.es.CachetF.Serie) }, roc.CertificatRefuse},
		{"authentification révoquée", func(x *banc) { x.revoquer(x.es.AuthSerie.AC, x.es.AuthSerie.Serie) }, roc.CertificatRefuse},
		{"panne de la règle", func(x *banc) { x.panne.Store(&panne) }, roc.Interne},
		{"bogue de la règle", func(x *banc) { x.panne.Store(&bogue) }, roc.Interne},
	} {
		for _, face := range []sceau.Face{sceau.REST, sceau.SOAP} {
			t.Run(c.nom+"/"+string(face), func(t *testing.T) {
				x := nouveauBanc(t, nil, face)
				c.changer(x)
				_, err := x.client.Etat(context.Background(), dossier, routage(), &roc.DemandeEtat{})
				if code(err) != c.want {
					t.Fatalf("got %v, want %s", err, c.want)
				}
				tr := x.s.Journal.Traces()
				if len(tr) == 0 || tr[len(tr)-1].Code != c.want {
					t.Errorf("le refus n'a pas de trace : %+v", tr)
				}
			})
		}
	}
}

// An exchange that could not be written down is not answered.
func TestJournalEnPanne(t *testing.T) {
	x := nouveauBanc(t, nil, sceau.REST)
	x.client.Delais.Essais = 1
	x.s.Journal.Panne = errors.New("disque plein")
	if _, err := x.del(t); !errors.Is(err, roc.ErrSansReponse) {
		t.Errorf("got %v", err)
	}
	x.s.Journal.Panne = nil
	if _, err := x.del(t); err != nil || x.regles.Load() < 2 {
		t.Errorf("après la panne : %v", err)
	}
}

// A message that another partner captured and presents on its own channel.
func TestRejeuParUnAutre(t *testing.T) {
	x := nouveauBanc(t, nil, sceau.REST)
	if _, err := x.del(t); err != nil {
		t.Fatal(err)
	}
	voleur := x.Partie(t, "1990000341", "VOLEUR")
	rep := poster(t, x.HTTP(voleur), x.s.Adresse+roc.DEL.Chemin(), "application/json", x.reg.Departs[0].Scelle)
	if rep.code != http.StatusForbidden || !strings.Contains(rep.corps, `"S504"`) {
		t.Errorf("%d %s", rep.code, rep.corps)
	}
}

func TestEntreesMauvaises(t *testing.T) {
	x := nouveauBanc(t, nil, sceau.REST)
	h := x.HTTP(x.es)
	rest, soap := x.s.Adresse+roc.IDB.Chemin(), x.s.Adresse+roc.CheminSOAP
	for _, c := range []struct {
		nom, url, genre string
		corps           []byte
		code            int
		contient        string
	}{
		{"vide", rest, "application/json", nil, 400, `"T001"`},
		{"pas du JSON", rest, "application/json", []byte("bonjour"), 400, `"T001"`},
		{"mauvais type", rest, "text/plain", []byte("{}"), 415, ""},
		{"pas du XML", soap, "application/soap+xml", []byte("bonjour"), 400, "T001"},
		{"XML profond de 100 000", soap, "application/soap+xml", []byte(strings.Repeat("<a>", 100_000)), 400, "T001"},
		{"DTD", soap, "application/soap+xml", []byte(`<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>`), 400, "T001"},
		{"10 Mo", rest, "application/json", bytes.Repeat([]byte(" "), 10<<20), 413, ""},
		{"chemin inconnu", x.s.Adresse + "/v1/roc/xyz", "application/json", []byte("{}"), 404, ""},
	} {
		rep := poster(t, h, c.url, c.genre, c.corps)
		if rep.code != c.code && !(c.code == 404 && rep.code == 405) || !strings.Contains(rep.corps, c.contient) {
			t.Errorf("%s : %d %.200s", c.nom, rep.code, rep.corps)
		}
	}
	if n := len(x.s.Journal.Traces()); n != 5 {
		t.Errorf("%d traces de refus, 5 attendues", n)
	}
}

type reponseHTTP struct {
	code  int
	corps string
}

func poster(t *testing.T, h *http.Client, url, genre string, corps []byte) reponseHTTP {
	t.Helper()
	r, err := h.Post(url, genre, bytes.NewReader(corps))
	if err != nil {
		t.Fatalf("%s : %v", url, err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reponseHTTP{r.StatusCode, string(b)}
}

func (x *banc) revoquer(ac, serie string) {
	if err := x.IGC.Revoquer(context.Background(), ac, serie, certificat.RaisonCleCompromise, time.Time{}, "essai"); err != nil {
		panic(err)
	}
	igctest.Publier(x.tb, x.IGC, x.Magasin, x.Horloge())
}
