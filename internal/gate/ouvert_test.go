package gate_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/gate"
	"github.com/ecluse-sante/ecluse/internal/gate/gatetest"
	"github.com/ecluse-sante/ecluse/internal/gate/store"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/xmlflux"
)

// normeOuverte has one service whose questions may come without a seal, and one whose
// questions may not.
var (
	normeOuverte = roc.NouvelleNorme(roc.Norme{Profil: "essai/1", Espace: "urn:x-essai:1", Racine: "/v1/essai",
		Services: []roc.Service{roc.DLD, roc.FAO}, Ouverts: []roc.Service{roc.DLD},
		Refus: func(s roc.Service, c roc.Code) roc.Signification {
			return roc.Signification{Code: c, Libelle: c.Libelle(), Qui: "qui demande " + string(s)}
		}})
	echangeOuvert = roc.NouvelEchange[roc.DemandeEtat, roc.ReponseEtat](normeOuverte, roc.DLD, "Ouvert")
	echangeScelle = roc.NouvelEchange[roc.DemandeEtat, roc.ReponseEtat](normeOuverte, roc.FAO, "Scelle")

	officine = roc.Partie{Type: roc.PS, ID: "752000012"}
)

// bancOuvert is an insurer whose door asks nobody for a certificate.
type bancOuvert struct {
	*gatetest.Labo
	s      *gatetest.Serveur
	amc    *gatetest.Partie
	vus    []bool // for each question that came to the rule, whether it was sealed
	regles int

	comptes   []string // who the rule counts, in order
	demandeur string   // who an unsealed question comes from; not checked when empty
}

func nouveauBancOuvert(t *testing.T, b *bdd.Base) *bancOuvert {
	x := &bancOuvert{Labo: gatetest.New(t), demandeur: "@127.0.0.1"}
	x.amc = x.Partie(t, structureAMC, "MUTUELLE DE TEST")
	rendre := func() *roc.ReponseEtat {
		x.regles++
		return &roc.ReponseEtat{Retour: roc.RetourDe(roc.Accepte, ""), Etat: roc.Operationnel}
	}
	ouverte := func(ctx context.Context, q sceau.Lue[roc.Message[roc.DemandeEtat]]) (*roc.ReponseEtat, error) {
		_, ok := q.Ouverte()
		x.vus = append(x.vus, ok)
		qui := gate.Demandeur(ctx)
		if x.comptes = append(x.comptes, qui); x.demandeur != "" && qui != map[bool]string{true: structureES, false: x.demandeur}[ok] {
			t.Errorf("la règle compte %q", qui)
		}
		return rendre(), nil
	}
	scellee := func(context.Context, sceau.Opened[roc.Message[roc.DemandeEtat]]) (*roc.ReponseEtat, error) {
		return rendre(), nil
	}
	type options = gate.Options[roc.DemandeEtat, roc.ReponseEtat]
	x.s = x.ServirOuvert(t, b, []*roc.Norme{normeOuverte, roc.ROC}, gate.NewPorte("amc:99000001", mutuelle, roc.Test, x.amc.Cachet,
		gate.OffrirOuverte(echangeOuvert, ouverte, options{}), gate.Offrir(echangeScelle, scellee, options{}),
		gate.Offrir(roc.EchangeEtat, scellee, options{})))
	return x
}

func (x *bancOuvert) message(e *roc.Echange[roc.DemandeEtat, roc.ReponseEtat]) *roc.Message[roc.DemandeEtat] {
	return &roc.Message[roc.DemandeEtat]{Corps: &roc.DemandeEtat{}, Enveloppe: roc.Enveloppe{NormeVersion: e.Norme.Profil, Service: e.Service, Sens: roc.Question,
		IDMessage: roc.NouvelUUID(), IDEchange: roc.NouvelUUID(), IDDossierES: "P1", Horodatage: x.Horloge(), Emetteur: officine, Destinataire: mutuelle, Environnement: roc.Test}}
}

// rendu is an answer, opened.
type rendu struct {
	piece *sceau.Piece
	code  roc.Code
	env   roc.Enveloppe
	qui   string // must act, when it is a refusal
}

// envoyer posts bytes and opens the sealed answer.
func (x *bancOuvert) envoyer(t *testing.T, h *http.Client, e *roc.Echange[roc.DemandeEtat, roc.ReponseEtat], face sceau.Face, octets []byte) rendu {
	t.Helper()
	chemin, genre := e.Norme.Chemin(e.Service), "application/json"
	o := sceau.Ouvreur{Juge: x.Magasin}
	ouvrir := o.REST
	if face == sceau.SOAP {
		chemin, genre, ouvrir = e.Norme.CheminSOAP(), "application/soap+xml", o.SOAP
	}
	rep, err := h.Post(x.s.Adresse+chemin, genre, bytes.NewReader(octets))
	if err != nil {
		t.Fatal(err)
	}
	defer rep.Body.Close()
	brut, err := io.ReadAll(rep.Body)
	if err != nil {
		t.Fatal(err)
	}
	p, err := ouvrir(brut, x.Horloge())
	if err != nil {
		t.Fatalf("%s %s : %v", rep.Status, brut, err)
	}
	m := new(roc.Message[roc.ReponseEtat])
	if face == sceau.REST {
		err = e.Reponse.DecodeJSON(p.Contenu(), m)
	} else {
		err = p.XML(func(l *xmlflux.Lecteur) error { return e.Reponse.LireXML(l, e.NomReponse, m) }, e.NomReponse)
	}
	if err == nil {
		return rendu{p, m.Corps.CodeRetour, m.Enveloppe, m.Corps.QuiAgit}
	}
	f := new(roc.Message[roc.CorpsRefus])
	if face == sceau.REST {
		err = roc.PlanRefus.DecodeJSON(p.Contenu(), f)
	} else {
		err = p.XML(func(l *xmlflux.Lecteur) error { return roc.PlanRefus.LireXML(l, roc.NomRefus, f) }, "Fault", "Detail", roc.NomRefus)
	}
	if err != nil {
		t.Fatalf("%s : %v", brut, err)
	}
	return rendu{p, f.Corps.CodeRetour, f.Enveloppe, f.Corps.QuiAgit}
}

func (x *bancOuvert) nu(e *roc.Echange[roc.DemandeEtat, roc.ReponseEtat], face sceau.Face, m *roc.Message[roc.DemandeEtat]) sceau.Scelle {
	if face == sceau.SOAP {
		return sceau.Envelopper(face, e.Demande.AppendXML(nil, e.NomDemande, m), nil)
	}
	return sceau.Envelopper(face, e.Demande.AppendJSON(nil, m), nil)
}

// Who shows no certificate and seals nothing is answered where the profile says so,
// under a seal and with a leaf, once for each message.
func TestQuestionSansSceau(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		for _, face := range []sceau.Face{sceau.REST, sceau.SOAP} {
			t.Run(string(face), func(t *testing.T) {
				x := nouveauBancOuvert(t, b)
				anonyme := x.HTTP(&gatetest.Partie{})
				m := x.message(echangeOuvert)
				q := x.nu(echangeOuvert, face, m)
				for essai := range 2 {
					r := x.envoyer(t, anonyme, echangeOuvert, face, q.Octets)
					if r.code != roc.Accepte || r.env.EmpreinteQuestion != sceau.EmpreinteTexte(q.Empreinte) || r.env.NormeVersion != "essai/1" ||
						r.piece.Scelleur().Porteur.Structure() != structureAMC {
						t.Fatalf("essai %d : %s, %+v", essai, r.code, r.env)
					}
				}
				if x.regles != 1 || !slices.Equal(x.vus, []bool{false}) {
					t.Errorf("règle appelée %d fois, scellées %v", x.regles, x.vus)
				}
				traces := x.s.Journal.Traces()
				if len(traces) != 2 || traces[0].Scelleur.Porteur != nil || !traces[1].Repetition || traces[0].Emetteur != officine {
					t.Errorf("feuilles : %d", len(traces))
				}
				if want := []string{"@127.0.0.1", "@127.0.0.1"}; !slices.Equal(x.s.Vigie.Demandeurs, want) {
					t.Errorf("comptés %v, want %v", x.s.Vigie.Demandeurs, want)
				}
				m.Corps.Services = []roc.Service{roc.DLD}
				if r := x.envoyer(t, anonyme, echangeOuvert, face, x.nu(echangeOuvert, face, m).Octets); r.code != roc.MemeID || r.qui != "qui demande DLD" {
					t.Errorf("même numéro, autre contenu : %s, %q agit", r.code, r.qui)
				}
			})
		}
	}, store.Migrations)
}

// A door without certificate opens nothing else: not a service that asks for a seal, nor
// another profile, nor a bad seal, nor a certificate that is refused.
func TestPorteOuverteEtRienDAutre(t *testing.T) {
	x := nouveauBancOuvert(t, nil)
	es := x.Partie(t, structureES, "CH DE TEST")
	x.s.Cercle.Admettre(structureES, officine)
	anonyme := x.HTTP(&gatetest.Partie{})
	for _, face := range []sceau.Face{sceau.REST, sceau.SOAP} {
		sceller := func(e *roc.Echange[roc.DemandeEtat, roc.ReponseEtat], m *roc.Message[roc.DemandeEtat]) []byte {
			c, err := es.Cachet.REST(e.Demande.AppendJSON(nil, m), nil, x.Horloge())
			if face == sceau.SOAP {
				c, err = es.Cachet.SOAP(e.Demande.AppendXML(nil, e.NomDemande, m), nil, x.Horloge())
			}
			if err != nil {
				t.Fatal(err)
			}
			return c.Octets
		}
		// The file number between its marks: two letters alone are found in base64 too.
		abime := func(octets []byte) []byte {
			return []byte(strings.NewReplacer(`"P1"`, `"P2"`, `>P1<`, `>P2<`).Replace(string(octets)))
		}
		vieux := x.message(echangeOuvert)
		vieux.Enveloppe.Horodatage = x.Horloge().Add(-10 * time.Minute)
		chiffre := x.message(echangeOuvert)
		chiffre.Corps, chiffre.CorpsChiffre = nil, "a.b.c.d.e"
		autreProfil := x.message(echangeOuvert)
		autreProfil.Enveloppe.NormeVersion = roc.Profil
		for _, c := range []struct {
			nom    string
			e      *roc.Echange[roc.DemandeEtat, roc.ReponseEtat]
			octets []byte
			client *http.Client
			want   roc.Code
		}{
			{"service qui se scelle, sans sceau", echangeScelle, x.nu(echangeScelle, face, x.message(echangeScelle)).Octets, x.HTTP(es), roc.SceauInvalide},
			{"service qui se scelle, sans rien", echangeScelle, x.nu(echangeScelle, face, x.message(echangeScelle)).Octets, anonyme, roc.CertificatRefuse},
			{"échange des hôpitaux, sans certificat", roc.EchangeEtat, x.nu(roc.EchangeEtat, face, x.message(roc.EchangeEtat)).Octets, anonyme, roc.CertificatRefuse},
			{"trop vieux", echangeOuvert, x.nu(echangeOuvert, face, vieux).Octets, anonyme, roc.Rejeu},
			{"corps chiffré sans sceau", echangeOuvert, x.nu(echangeOuvert, face, chiffre).Octets, anonyme, roc.Illisible},
			{"autre profil", echangeOuvert, x.nu(echangeOuvert, face, autreProfil).Octets, anonyme, roc.Version},
			{"sceau abîmé", echangeOuvert, abime(sceller(echangeOuvert, x.message(echangeOuvert))), anonyme, roc.SceauInvalide},
			{"scellé, sans certificat de canal", echangeOuvert, sceller(echangeOuvert, x.message(echangeOuvert)), anonyme, roc.Accepte},
			{"service qui se scelle, sans certificat de canal", echangeScelle, sceller(echangeScelle, x.message(echangeScelle)), anonyme, roc.CertificatRefuse},
			{"scellé, par son canal", echangeOuvert, sceller(echangeOuvert, x.message(echangeOuvert)), x.HTTP(es), roc.Accepte},
			{"service qui se scelle, scellé", echangeScelle, sceller(echangeScelle, x.message(echangeScelle)), x.HTTP(es), roc.Accepte},
		} {
			if r := x.envoyer(t, c.client, c.e, face, c.octets); r.code != c.want {
				t.Errorf("%s, %s : %s, want %s", face, c.nom, r.code, c.want)
			}
		}
	}
	if !slices.Equal(x.vus, []bool{true, true, true, true}) {
		t.Errorf("vues scellées : %v", x.vus)
	}
	if !slices.ContainsFunc(x.s.Journal.Traces(), func(tr gate.Trace) bool {
		return tr.Code == roc.SceauInvalide && strings.Contains(tr.Detail, "pas scellé")
	}) {
		t.Error("le refus d'un message sans sceau n'est pas au journal")
	}
}

// Who holds a certificate and seals nothing is one caller, whatever emitter he writes, by
// the door that asks for a certificate as by the one that does not. The circle alone lets
// a relay tell its callers apart.
func TestEmetteurQuiTourne(t *testing.T) {
	const relais, connue = "399912345800013", "752000020"
	for _, porte := range []string{"ouverte", "à certificat"} {
		t.Run(porte, func(t *testing.T) {
			x := nouveauBancOuvert(t, nil)
			x.demandeur = "" // several ask
			if porte != "ouverte" {
				mux := http.NewServeMux()
				x.s.Portail.Routes(mux, normeOuverte, gate.Limites{}, nil)
				x.s.Adresse = x.Ecouter(t, x.s.Portail, mux)
			}
			x.s.Cercle.Admettre("1990000341", roc.Partie{Type: roc.PS, ID: connue})
			x.s.Cercle.Porteur(relais, "1990000341")
			var want []string
			for _, c := range []struct {
				nom, structure, emetteur, compte string
			}{
				{"une structure", structureES, "752000012", structureES},
				{"sous un autre nom", structureES, "752000013", structureES},
				{"sous le nom d'une officine connue", structureES, connue, structureES},
				{"un relais, pour qui il porte", relais, connue, relais + gate.ParRelais + connue},
				{"un relais, pour qui il ne porte pas", relais, "752000014", relais},
				{"un relais, pour un texte", relais, "x droits", relais},
			} {
				m := x.message(echangeOuvert)
				m.Enveloppe.Emetteur.ID = c.emetteur
				if r := x.envoyer(t, x.HTTP(x.Partie(t, c.structure, "QUI APPELLE")), echangeOuvert, sceau.REST, x.nu(echangeOuvert, sceau.REST, m).Octets); r.code != roc.Accepte {
					t.Fatalf("%s : %s", c.nom, r.code)
				}
				want = append(want, c.compte)
			}
			if !slices.Equal(x.s.Vigie.Demandeurs, want) || !slices.Equal(x.comptes, want) {
				t.Errorf("comptés %v\npar la règle %v\nwant %v", x.s.Vigie.Demandeurs, x.comptes, want)
			}
		})
	}
}

// So many messages are read at once from one address that shows no certificate; who shows one
// is read all the same, and so is who comes from elsewhere.
func TestLecturesAnonymesBornees(t *testing.T) {
	x := nouveauBancOuvert(t, nil)
	u, err := url.Parse(x.s.Adresse)
	if err != nil {
		t.Fatal(err)
	}
	var lents []*tls.Conn
	for range gate.LecturesParPair { // each announces a message, and does not send it
		c, err := tls.Dial("tcp", u.Host, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"http/1.1"}})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{", normeOuverte.Chemin(roc.DLD)); err != nil {
			t.Fatal(err)
		}
		lents = append(lents, c)
	}
	poser := func(p *gatetest.Partie) *http.Response {
		t.Helper()
		m := x.nu(echangeOuvert, sceau.REST, x.message(echangeOuvert))
		r, err := x.HTTP(p).Post(x.s.Adresse+normeOuverte.Chemin(roc.DLD), "application/json", bytes.NewReader(m.Octets))
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		return r
	}
	for fin := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) { // the last announcements may still be on their way
		r := poser(&gatetest.Partie{})
		if r.StatusCode == http.StatusServiceUnavailable && r.Header.Get("Retry-After") == "1" {
			break
		}
		if time.Now().After(fin) {
			t.Fatalf("lue quand même : %s", r.Status)
		}
	}
	x.demandeur = ""
	if r := poser(x.Partie(t, structureES, "CH DE TEST")); r.StatusCode != http.StatusOK {
		t.Errorf("par un certificat : %s", r.Status)
	}
	ailleurs := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
		DialContext: (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}).DialContext}}
	defer ailleurs.CloseIdleConnections()
	m := x.nu(echangeOuvert, sceau.REST, x.message(echangeOuvert))
	x.demandeur = "@127.0.0.2"
	if r, err := ailleurs.Post(x.s.Adresse+normeOuverte.Chemin(roc.DLD), "application/json", bytes.NewReader(m.Octets)); err != nil {
		t.Error(err)
	} else if r.Body.Close(); r.StatusCode != http.StatusOK {
		t.Errorf("d'une autre adresse : %s", r.Status)
	}
	for _, c := range lents {
		c.Close()
	}
	x.demandeur = ""
	for fin := time.Now().Add(5 * time.Second); poser(&gatetest.Partie{}).StatusCode != http.StatusOK; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(fin) {
			t.Fatal("les places de lecture ne sont pas rendues")
		}
	}
}

// Who shows no certificate has places of his own: full, they stop nobody else, and are
// not stopped when the partners' are.
func TestPlacesDesAnonymes(t *testing.T) {
	x := nouveauBancOuvert(t, nil)
	x.demandeur = ""
	es := x.Partie(t, structureES, "CH DE TEST")
	plein := roc.Refuser(roc.Saturation, "")
	for _, c := range []struct {
		nom             string
		plein, complet  error
		anonyme, connue roc.Code
	}{
		{"rien n'est plein", nil, nil, roc.Accepte, roc.Accepte},
		{"trop d'anonymes", nil, plein, roc.Saturation, roc.Accepte},
		{"trop de partenaires", plein, nil, roc.Accepte, roc.Saturation},
	} {
		x.s.Vigie.Plein, x.s.Vigie.Complet = c.plein, c.complet
		for _, y := range []struct {
			p    *gatetest.Partie
			want roc.Code
		}{{&gatetest.Partie{}, c.anonyme}, {es, c.connue}} {
			if r := x.envoyer(t, x.HTTP(y.p), echangeOuvert, sceau.REST, x.nu(echangeOuvert, sceau.REST, x.message(echangeOuvert)).Octets); r.code != y.want {
				t.Errorf("%s, certificat %v : %s, want %s", c.nom, y.p == es, r.code, y.want)
			}
		}
	}
}

// The watch is told the emitter that a seal proves, and none when nothing proves it.
func TestEmetteurProuve(t *testing.T) {
	x := nouveauBancOuvert(t, nil)
	es := x.Partie(t, structureES, "CH DE TEST")
	x.s.Cercle.Admettre(structureES, officine)
	m := x.message(echangeOuvert)
	scelle, err := es.Cachet.REST(echangeOuvert.Demande.AppendJSON(nil, m), nil, x.Horloge())
	if err != nil {
		t.Fatal(err)
	}
	for _, octets := range [][]byte{scelle.Octets, x.nu(echangeOuvert, sceau.REST, x.message(echangeOuvert)).Octets} {
		if r := x.envoyer(t, x.HTTP(&gatetest.Partie{}), echangeOuvert, sceau.REST, octets); r.code != roc.Accepte {
			t.Fatal(r.code)
		}
	}
	if want := []string{"PS-752000012", ""}; !slices.Equal(x.s.Vigie.Prouves, want) {
		t.Errorf("prouvés %q, want %q", x.s.Vigie.Prouves, want)
	}
}
