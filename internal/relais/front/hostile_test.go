package front_test

import (
	"bytes"
	"io"
	"net/http"
	"sync"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/gate/gatetest"
	"github.com/ecluse-sante/ecluse/internal/relais"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
)

// malin is a relay that is admitted everywhere and does not keep its word.
type malin struct {
	*gatetest.Partie
	x      *banc
	face   sceau.Face
	h      *http.Client
	mu     sync.Mutex
	gardee []byte // answer to an earlier question
}

func (x *banc) malin(t *testing.T, face sceau.Face) *malin {
	m := &malin{Partie: x.Partie(t, structureSuite, "CONCENTRATEUR MALIN"), x: x, face: face}
	m.h = x.HTTP(m.Partie)
	x.assureur.Cercle.Porteur(structureSuite, structureES)
	return m
}

// tour is what it does of a question; a nil answer closes the connection.
type tour func(m *malin, r *http.Request, corps []byte) (statut int, reponse []byte, err error)

func (m *malin) passer(r *http.Request, corps []byte) (int, []byte, error) {
	return passer(m.h, m.x.assureur.Adresse, r, corps)
}

func (m *malin) gerer(t *testing.T, joue *tour) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		corps, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		m.mu.Lock()
		f := *joue
		m.mu.Unlock()
		statut, rep, err := f(m, r, corps)
		if err != nil {
			t.Error(err)
		}
		if rep == nil {
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("Content-Type", r.Header.Get("Content-Type"))
		w.WriteHeader(statut)
		w.Write(rep)
	}
}

// lire opens the question that it carries and prepares the envelope of an answer.
func (m *malin) lire(corps []byte) (*sceau.Piece, *roc.Enveloppe, error) {
	o := sceau.Ouvreur{Juge: m.x.Magasin, Relais: roc.BlocChaine}
	ouvrir := o.REST
	if m.face == sceau.SOAP {
		ouvrir = o.SOAP
	}
	p, err := ouvrir(corps, m.x.Horloge())
	if err != nil {
		return nil, nil, err
	}
	d := m.x.reg.Departs[len(m.x.reg.Departs)-1]
	return p, &roc.Enveloppe{NormeVersion: roc.Profil, Service: d.Service, Sens: roc.Reponse, IDMessage: roc.NouvelUUID(), IDEchange: d.IDEchange,
		IDDossierES: d.Dossier, Horodatage: m.x.Horloge(), Emetteur: mutuelle, Destinataire: hopital, Environnement: roc.Test,
		EmpreinteQuestion: sceau.EmpreinteTexte(p.Empreinte())}, nil
}

func (m *malin) sceller(json, xml []byte) ([]byte, error) {
	if m.face == sceau.SOAP {
		s, err := m.Cachet.SOAP(xml, nil, m.x.Horloge())
		return s.Octets, err
	}
	s, err := m.Cachet.REST(json, nil, m.x.Horloge())
	return s.Octets, err
}

// refuser refuses in its own name.
func refuser(c roc.Code, changer func(*roc.Enveloppe)) tour {
	return func(m *malin, _ *http.Request, corps []byte) (int, []byte, error) {
		_, env, err := m.lire(corps)
		if err != nil {
			return 0, nil, err
		}
		env.Emetteur = roc.Partie{Type: roc.OCT, ID: "MALIN"}
		changer(env)
		msg := roc.Message[roc.CorpsRefus]{Enveloppe: *env, Corps: &roc.CorpsRefus{Retour: roc.RetourDe(c, "")}}
		faute := []byte(`<soap:Fault><soap:Code><soap:Value>soap:Receiver</soap:Value></soap:Code><soap:Reason><soap:Text xml:lang="fr">non</soap:Text></soap:Reason><soap:Detail>`)
		faute = append(roc.PlanRefus.AppendXML(faute, roc.NomRefus, &msg), "</soap:Detail></soap:Fault>"...)
		b, err := m.sceller(roc.PlanRefus.AppendJSON(nil, &msg), faute)
		return http.StatusBadGateway, b, err
	}
}

// repondre answers in the place of the insurer, with its own seal.
func repondre(m *malin, _ *http.Request, corps []byte) (int, []byte, error) {
	_, env, err := m.lire(corps)
	if err != nil {
		return 0, nil, err
	}
	msg := roc.Message[roc.ReponseDEL]{Enveloppe: *env, Corps: &roc.ReponseDEL{Retour: roc.RetourDe(roc.Accepte, ""), EtatEngagement: roc.EtatAnnule}}
	b, err := m.sceller(roc.EchangeDEL.Reponse.AppendJSON(nil, &msg), roc.EchangeDEL.Reponse.AppendXML(nil, roc.EchangeDEL.NomReponse, &msg))
	return http.StatusOK, b, err
}

// garder does its work and keeps the answer; rejouer gives it to another question.
func (m *malin) garder(r *http.Request, corps []byte) (int, []byte, error) {
	statut, rep, err := m.passer(r, corps)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.gardee = rep
	return statut, rep, err
}

func (m *malin) rejouer(*http.Request, []byte) (int, []byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return http.StatusOK, m.gardee, nil
}

func (m *malin) jouer(joue *tour, t tour) {
	m.mu.Lock()
	defer m.mu.Unlock()
	*joue = t
}

func alterer(b []byte) []byte { return bytes.Replace(b, []byte(dossier), []byte("V0009"), 1) }

// Whatever a relay does beside its work is seen: by the client when it is its own
// relay, by our relay when it is a further one. ref: ROC §16.1 (R3-1), DEC 9, 11
func TestRelaisHostile(t *testing.T) {
	rien := func(*roc.Enveloppe) {}
	cas := []struct {
		nom              string
		joue             tour
		premier, suivant roc.Code // what the hospital hears
		regles           int64    // how many of these questions reach the rule of the insurer
	}{
		{"fait son travail", (*malin).passer, roc.Accepte, roc.Accepte, 1},
		{"altère la question", func(m *malin, r *http.Request, b []byte) (int, []byte, error) { return m.passer(r, alterer(b)) },
			roc.SceauInvalide, roc.SceauInvalide, 0},
		{"altère la réponse", func(m *malin, r *http.Request, b []byte) (int, []byte, error) {
			statut, rep, err := m.passer(r, b)
			return statut, alterer(rep), err
		}, roc.SceauInvalide, roc.PanneRelais, 1},
		{"rejoue une autre réponse", (*malin).rejouer, roc.SceauInvalide, roc.PanneRelais, 0},
		{"perd la question", func(*malin, *http.Request, []byte) (int, []byte, error) { return 0, nil, nil }, "sans réponse", roc.PanneRelais, 0},
		{"perd la réponse", func(m *malin, r *http.Request, b []byte) (int, []byte, error) {
			_, _, err := m.passer(r, b)
			return 0, nil, err
		}, "sans réponse", roc.PanneRelais, 1},
		{"envoie deux fois la question", func(m *malin, r *http.Request, b []byte) (int, []byte, error) {
			if _, _, err := m.passer(r, b); err != nil {
				return 0, nil, err
			}
			return m.passer(r, b)
		}, roc.Accepte, roc.Accepte, 1},
		{"répond à la place de l'assureur", repondre, roc.AutreIdentifiant, roc.PanneRelais, 0},
		{"rend la question", func(_ *malin, _ *http.Request, b []byte) (int, []byte, error) { return http.StatusOK, b, nil },
			roc.Illisible, roc.PanneRelais, 0},
		{"refuse pour une raison de sécurité", refuser(roc.HorsCercle, rien), roc.AutreIdentifiant, roc.PanneRelais, 0},
		{"refuse au nom de l'assureur", refuser(roc.HorsCercle, func(e *roc.Enveloppe) { e.Emetteur = mutuelle }), roc.AutreIdentifiant, roc.PanneRelais, 0},
		{"refuse pour une raison technique", refuser(roc.Saturation, rien), roc.Saturation, roc.Saturation, 0},
		{"refuse une autre question", refuser(roc.Saturation, func(e *roc.Enveloppe) { e.EmpreinteQuestion = sceau.EmpreinteTexte([32]byte{1}) }),
			roc.SceauInvalide, roc.PanneRelais, 0},
		{"rend autre chose qu'un message", func(*malin, *http.Request, []byte) (int, []byte, error) { return http.StatusOK, []byte("{}"), nil },
			"sans réponse", roc.PanneRelais, 0},
	}
	chaqueFace(t, func(t *testing.T, face sceau.Face) {
		x := nouveauBanc(t, face, relais.Reglages{Echecs: 1000})
		x.client.Delais.Essais, x.clair = 1, true // what it could read tempts it more
		m := x.malin(t, face)
		joue := cas[0].joue
		adresse, epingle := x.faux(t, structureSuite, m.gerer(t, &joue))
		if err := x.relais.r.Router([]relais.Route{{Destinataire: mutuelle.ID, Adresse: adresse, Empreintes: []string{epingle}, Relais: []string{structureSuite}}}); err != nil {
			t.Fatal(err)
		}
		notre, sien := x.client.Relais, &roc.AccesRelais{Adresse: adresse, Structure: structureSuite}
		for _, c := range cas {
			for _, place := range []struct {
				nom   string
				acces *roc.AccesRelais
				want  roc.Code
			}{{"premier", sien, c.premier}, {"suivant", notre, c.suivant}} {
				t.Run(c.nom+"/"+place.nom, func(t *testing.T) {
					m.jouer(&joue, (*malin).garder)
					x.client.Relais = place.acces
					if _, err := x.demander(roc.Deces); err != nil {
						t.Fatal(err)
					}
					m.jouer(&joue, c.joue)
					x.regles.Store(0)
					if _, err := x.demander(roc.Doublon); code(err) != place.want {
						t.Errorf("got %v, want %s", err, place.want)
					}
					if n := x.regles.Load(); n != c.regles {
						t.Errorf("règle appelée %d fois, %d attendues", n, c.regles)
					}
				})
			}
		}
	})
}

// Two answers swapped on their way: both hospitals' questions are refused.
func TestReponsesEchangees(t *testing.T) {
	chaqueFace(t, func(t *testing.T, face sceau.Face) {
		x := nouveauBanc(t, face, relais.Reglages{})
		x.client.Delais.Essais = 1
		m := x.malin(t, face)
		a, b := make(chan []byte, 1), make(chan []byte, 1)
		tours := make(chan [2]chan []byte, 4)
		joue := tour(func(m *malin, r *http.Request, corps []byte) (int, []byte, error) {
			_, rep, err := m.passer(r, corps)
			paire := <-tours
			paire[0] <- rep
			return http.StatusOK, <-paire[1], err
		})
		adresse, _ := x.faux(t, structureSuite, m.gerer(t, &joue))
		if err := x.relais.r.Router([]relais.Route{{Destinataire: mutuelle.ID, Adresse: adresse, Relais: []string{structureSuite}}}); err != nil {
			t.Fatal(err)
		}
		for _, place := range []struct {
			nom   string
			acces *roc.AccesRelais
			want  roc.Code
		}{{"suivant", x.client.Relais, roc.PanneRelais}, {"premier", &roc.AccesRelais{Adresse: adresse, Structure: structureSuite}, roc.SceauInvalide}} {
			x.client.Relais = place.acces
			tours <- [2]chan []byte{a, b}
			tours <- [2]chan []byte{b, a}
			var deux sync.WaitGroup
			for _, motif := range []roc.MotifAnnulation{roc.Doublon, roc.Deces} {
				deux.Go(func() {
					if _, err := x.demander(motif); code(err) != place.want {
						t.Errorf("%s : got %v, want %s", place.nom, err, place.want)
					}
				})
			}
			deux.Wait()
		}
	})
}
